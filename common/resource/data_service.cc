// SPDX-License-Identifier: Apache-2.0
#include "common/resource/data_service.h"

#include "common/resource/citations.h"
#include "common/resource/revisions.h"
#include "common/status/macros.h"

namespace entente::resource {

using google::protobuf::Descriptor;
using google::protobuf::Message;

absl::StatusOr<std::unique_ptr<DataService>> DataService::Create(const DataServiceParts& parts,
                                                                 std::unique_ptr<log::Log> log,
                                                                 StoreOptions options) {
  auto service = std::unique_ptr<DataService>(new DataService());
  service->rules_ = parts.rules;
  std::vector<const Registry*> registries = parts.foreign;
  registries.push_back(parts.registry);
  service->normaliser_ = std::make_unique<Normaliser>(std::move(registries));
  service->store_ = std::make_unique<Store>(std::move(log), parts.registry, options);
  ASSIGN_OR_RETURN(service->methods_,
                   StandardMethods::Create(parts.service, service->store_.get(),
                                           service->normaliser_.get(), service->rules_.get()));
  service->Handle(type::v1::ListCitationsRequest::descriptor(),
                  [service = service.get()](const Message& request, Reply* reply) {
                    return ListCitations(
                        *service->store_, *service->normaliser_,
                        static_cast<const type::v1::ListCitationsRequest&>(request),
                        reply->As<type::v1::ListCitationsResponse>());
                  });
  service->Handle(type::v1::ListRevisionsRequest::descriptor(),
                  [store = service->store_.get()](const Message& request, Reply* reply) {
                    return ListRevisions(
                        *store, static_cast<const type::v1::ListRevisionsRequest&>(request),
                        reply->As<type::v1::ListRevisionsResponse>());
                  });
  service->Handle(type::v1::CompareRevisionsRequest::descriptor(),
                  [store = service->store_.get()](const Message& request, Reply* reply) {
                    return CompareRevisions(
                        *store, static_cast<const type::v1::CompareRevisionsRequest&>(request),
                        reply->As<type::v1::CompareRevisionsResponse>());
                  });
  service->searcher_ = std::make_unique<Searcher>(service->store_.get());
  service->Handle(type::v1::SearchRequest::descriptor(), [service = service.get()](
                                                             const Message& request, Reply* reply) {
    return service->searcher_->Search(static_cast<const type::v1::SearchRequest&>(request),
                                      reply->As<type::v1::SearchResponse>());
  });
  service->hub_ =
      std::make_unique<WatchHub>(service->store_.get(), std::string(parts.service->full_name()));
  return service;
}

absl::Status DataService::Load() {
  RETURN_IF_ERROR(store_->Load());
  searcher_->Start();
  return absl::OkStatus();
}

void DataService::Handle(const Descriptor* request, Handler handler) {
  handlers_[request] = std::move(handler);
}

void DataService::Call(const Message& request, Message* response, Done done,
                       absl::Time deadline) const {
  const auto handler = handlers_.find(request.GetDescriptor());
  if (handler == handlers_.end()) {
    return methods_->Call(request, response, std::move(done), deadline);
  }
  Reply reply(response);
  done(handler->second(request, &reply));
}

absl::Status DataService::Read(const Message& request, Reply* reply) const {
  const auto handler = handlers_.find(request.GetDescriptor());
  return handler == handlers_.end() ? methods_->Read(request, reply)
                                    : handler->second(request, reply);
}

}  // namespace entente::resource
