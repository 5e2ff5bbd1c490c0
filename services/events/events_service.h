// SPDX-License-Identifier: Apache-2.0
//
// The gRPC binding of events: every method hands its request to the core, which knows it by its
// type.
#ifndef ENTENTE_SERVICES_EVENTS_EVENTS_SERVICE_H_
#define ENTENTE_SERVICES_EVENTS_EVENTS_SERVICE_H_

#include "common/resource/data_service.h"
#include "common/server/call.h"
#include "common/server/call_on_workers.h"
#include "common/server/reads.h"
#include "common/server/watch_reactor.h"
#include "common/server/workers.h"
#include "entente/events/v1/events_service.grpc.pb.h"

namespace entente::events {

// Handed over as bytes; see common/server/reads.h.
template <typename Base>
using RawGets = v1::EventsService::WithRawCallbackMethod_GetEvent<
    v1::EventsService::WithRawCallbackMethod_GetEventSeries<Base>>;

template <typename Base>
using RawLists = v1::EventsService::WithRawCallbackMethod_ListEvents<
    v1::EventsService::WithRawCallbackMethod_ListEventSeries<Base>>;

template <typename Base>
using RawBatchGets = v1::EventsService::WithRawCallbackMethod_BatchGetEvents<
    v1::EventsService::WithRawCallbackMethod_BatchGetEventSeries<Base>>;

using RawReads = RawGets<RawLists<RawBatchGets<v1::EventsService::CallbackService>>>;

class EventsService final : public RawReads {
 public:
  // Both must outlive it.
  EventsService(server::Calls* calls, resource::DataService* core)
      : calls_(calls), core_(core), workers_({}) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  using Bytes = grpc::ByteBuffer;

  Reactor* GetEvent(Context* c, const Bytes* q, Bytes* r) override {
    return Get<v1::GetEventRequest>(c, *q, r);
  }
  Reactor* ListEvents(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::ListEventsRequest, v1::ListEventsResponse>(c, *q, r);
  }
  Reactor* BatchGetEvents(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::BatchGetEventsRequest, v1::BatchGetEventsResponse>(c, *q, r);
  }
  Reactor* CreateEvent(Context* c, const v1::CreateEventRequest* q, v1::Event* r) override {
    return Call(c, *q, r);
  }
  Reactor* UpdateEvent(Context* c, const v1::UpdateEventRequest* q, v1::Event* r) override {
    return Call(c, *q, r);
  }
  Reactor* DeleteEvent(Context* c, const v1::DeleteEventRequest* q, v1::Event* r) override {
    return Call(c, *q, r);
  }
  Reactor* UndeleteEvent(Context* c, const v1::UndeleteEventRequest* q, v1::Event* r) override {
    return Call(c, *q, r);
  }

  Reactor* GetEventSeries(Context* c, const Bytes* q, Bytes* r) override {
    return Get<v1::GetEventSeriesRequest>(c, *q, r);
  }
  Reactor* ListEventSeries(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::ListEventSeriesRequest, v1::ListEventSeriesResponse>(c, *q, r);
  }
  Reactor* BatchGetEventSeries(Context* c, const Bytes* q, Bytes* r) override {
    return Read<v1::BatchGetEventSeriesRequest, v1::BatchGetEventSeriesResponse>(c, *q, r);
  }
  Reactor* CreateEventSeries(Context* c, const v1::CreateEventSeriesRequest* q,
                             v1::EventSeries* r) override {
    return Call(c, *q, r);
  }
  Reactor* UpdateEventSeries(Context* c, const v1::UpdateEventSeriesRequest* q,
                             v1::EventSeries* r) override {
    return Call(c, *q, r);
  }
  Reactor* DeleteEventSeries(Context* c, const v1::DeleteEventSeriesRequest* q,
                             v1::EventSeries* r) override {
    return Call(c, *q, r);
  }
  Reactor* UndeleteEventSeries(Context* c, const v1::UndeleteEventSeriesRequest* q,
                               v1::EventSeries* r) override {
    return Call(c, *q, r);
  }

  Reactor* ListUpcomingEvents(Context* c, const v1::ListUpcomingEventsRequest* q,
                              v1::ListUpcomingEventsResponse* r) override {
    return CallOnWorkers(c, *q, r);
  }
  Reactor* GetTimeline(Context* c, const v1::GetTimelineRequest* q, v1::Timeline* r) override {
    return CallOnWorkers(c, *q, r);
  }
  Reactor* ExportCalendar(Context* c, const v1::ExportCalendarRequest* q,
                          v1::ExportCalendarResponse* r) override {
    return CallOnWorkers(c, *q, r);
  }

  Reactor* ListCitations(Context* c, const type::v1::ListCitationsRequest* q,
                         type::v1::ListCitationsResponse* r) override {
    return Call(c, *q, r);
  }
  Reactor* ListRevisions(Context* c, const type::v1::ListRevisionsRequest* q,
                         type::v1::ListRevisionsResponse* r) override {
    return CallOnWorkers(c, *q, r);
  }
  Reactor* CompareRevisions(Context* c, const type::v1::CompareRevisionsRequest* q,
                            type::v1::CompareRevisionsResponse* r) override {
    return CallOnWorkers(c, *q, r);
  }
  Reactor* Search(Context* c, const type::v1::SearchRequest* q,
                  type::v1::SearchResponse* r) override {
    return CallOnWorkers(c, *q, r);
  }
  Reactor* ApplyChanges(Context* c, const v1::ApplyChangesRequest* q,
                        v1::ApplyChangesResponse* r) override {
    return Call(c, *q, r);
  }

  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(Context* c,
                                                     const v1::WatchRequest* q) override {
    return server::StartWatch<v1::WatchResponse>(calls_, core_, c, *q);
  }

  template <typename Request>
  Reactor* Get(Context* context, const Bytes& request, Bytes* response) {
    return server::Get<Request>(calls_, *core_, context, request, response);
  }

  template <typename Request, typename Response>
  Reactor* Read(Context* context, const Bytes& request, Bytes* response) {
    return server::Read<Request, Response>(calls_, *core_, context, request, response);
  }

  // For what reads from the disk, or computes for longer than gRPC's own threads may.
  Reactor* CallOnWorkers(Context* context, const google::protobuf::Message& request,
                         google::protobuf::Message* response) {
    return server::UnaryOnWorkers(calls_, &workers_, context, request,
                                  [this, &request, response](server::Done done) {
                                    core_->Call(request, response, std::move(done));
                                  });
  }

  Reactor* Call(Context* context, const google::protobuf::Message& request,
                google::protobuf::Message* response) {
    return calls_->Unary(context, request, [&](const server::Call& call, server::Done done) {
      core_->Call(request, response, std::move(done), call.deadline);
    });
  }

  server::Calls* const calls_;
  resource::DataService* const core_;
  server::Workers workers_;  // Last: what they still do needs the others.
};

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_EVENTS_SERVICE_H_
