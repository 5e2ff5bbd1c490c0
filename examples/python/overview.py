#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client of Entente's gateway: a partnership's money, and what an error looks like.

    python3 examples/python/overview.py [HOST:PORT]      (the gateway; localhost:50050)

It needs grpcio, and the stubs that protoc makes from proto/ on PYTHONPATH; README.md has the
commands. Money stays the exact decimal text that the service sends: never pass it through float.
"""

import sys
from decimal import Decimal

import grpc
from entente.funding.v1 import claim_pb2
from entente.gateway.v1 import gateway_service_pb2_grpc, overview_pb2
from entente.type.v1 import figure_pb2
from google.rpc import error_details_pb2, status_pb2

PARTNERSHIP = "partnerships/us-asean-csp"
DEADLINE_S = 5


def bounds(amount):
    """The values that a claim allows, as an interval: "[0, 600000000)"."""
    if amount.figure.qualifier == figure_pb2.QUALIFIER_NOT_STATED:
        return "not stated"
    interval = amount.figure.interval
    return "{}{:,}, {}{}".format(
        "(" if interval.low_open else "[",
        Decimal(interval.low),
        "{:,}".format(Decimal(interval.high)) if interval.high else "unbounded",
        ")" if interval.high_open else "]",
    )


def print_money(overview):
    """Every claim of the partnership; natures and stages are never added up."""
    for group in overview.claim_groups:
        nature = claim_pb2.ClaimNature.Name(group.nature)
        stage = claim_pb2.ClaimStage.Name(group.stage)
        print(f"{nature} {stage}")
        for claim in group.totals:
            part = "part of " + claim.part_of if claim.part_of else ""
            print(f"  {claim.amount.currency_code} {bounds(claim.amount)} {claim.name} {part}".rstrip())
        for claim in group.rates:
            unit = claim_pb2.RecurrenceUnit.Name(claim.recurrence.unit)
            print(f"  {claim.amount.currency_code} {bounds(claim.amount)} {claim.name}"
                  f" every {claim.recurrence.every} {unit}")


def details(error):
    """The google.rpc details of an error, by type name; gRPC carries them in a trailer."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            found = {}
            for any_detail in status_pb2.Status.FromString(value).details:
                for kind in (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest,
                             error_details_pb2.RequestInfo, error_details_pb2.RetryInfo):
                    if any_detail.Is(kind.DESCRIPTOR):
                        found[kind.DESCRIPTOR.name] = kind.FromString(any_detail.value)
            return found
    return {}


def print_error(error):
    """The code, the reason that programs can rely on, and every field that is at fault."""
    info = details(error).get("ErrorInfo", error_details_pb2.ErrorInfo())
    print(f"{error.code().name} {info.reason} {dict(sorted(info.metadata.items()))}")
    bad_request = details(error).get("BadRequest", error_details_pb2.BadRequest())
    for violation in bad_request.field_violations:
        print(f"  {violation.field}: {violation.description}")


def main():
    target = sys.argv[1] if len(sys.argv) > 1 else "localhost:50050"
    with grpc.insecure_channel(target) as channel:
        gateway = gateway_service_pb2_grpc.GatewayServiceStub(channel)
        request = overview_pb2.GetOverviewRequest(name=PARTNERSHIP)
        overview = gateway.GetOverview(request, timeout=DEADLINE_S)
        if overview.unreachable:
            print("not complete, missing:", ", ".join(overview.unreachable))
        print_money(overview)

        for wrong in (
                overview_pb2.GetOverviewRequest(name="partnerships/none"),
                overview_pb2.GetOverviewRequest(name="us-asean-csp", as_of="2023-13-01"),
        ):
            try:
                gateway.GetOverview(wrong, timeout=DEADLINE_S)
            except grpc.RpcError as error:
                print_error(error)


if __name__ == "__main__":
    main()
