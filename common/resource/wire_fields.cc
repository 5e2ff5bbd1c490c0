// SPDX-License-Identifier: Apache-2.0
#include "common/resource/wire_fields.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstdint>

namespace entente::resource {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

// Two varints of 32 bits: a tag and a length.
constexpr size_t kMaxPrefix = 10;

}  // namespace

bool ForEachField(absl::string_view bytes, absl::FunctionRef<bool(const WireField&)> fn) {
  const int size = static_cast<int>(bytes.size());
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()), size);
  while (in.CurrentPosition() < size) {
    const int begin = in.CurrentPosition();
    const uint32_t tag = in.ReadTag();
    WireField field = {WireFormatLite::GetTagFieldNumber(tag), false, {}, {}};
    if (field.number == 0) return false;
    if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      uint32_t length = 0;
      if (!in.ReadVarint32(&length)) return false;
      const int at = in.CurrentPosition();
      if (length > static_cast<uint32_t>(size - at)) return false;
      field.is_length_delimited = true;
      field.payload = bytes.substr(static_cast<size_t>(at), length);
      if (!in.Skip(static_cast<int>(length))) return false;
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      return false;
    }
    field.all =
        bytes.substr(static_cast<size_t>(begin), static_cast<size_t>(in.CurrentPosition() - begin));
    if (!fn(field)) return false;
  }
  return true;
}

void AppendField(int number, absl::string_view payload, std::string* out) {
  uint8_t prefix[kMaxPrefix];
  uint8_t* end = CodedOutputStream::WriteTagToArray(
      WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED), prefix);
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(payload.size()), end);
  out->append(reinterpret_cast<const char*>(prefix), static_cast<size_t>(end - prefix));
  out->append(payload.data(), payload.size());
}

}  // namespace entente::resource
