# SPDX-License-Identifier: Apache-2.0
# One way to declare each kind of target.
#
#   entente_library(edtf SOURCES edtf.cc DEPS absl::status)      -> entente::edtf
#   entente_executable(entente-catalogue SOURCES main.cc DEPS ...)
#   entente_test(edtf_test SOURCES edtf_test.cc DEPS entente::edtf [LABELS ...] [TIMEOUT s]
#     [PRECOMPILE header...])
#   entente_fuzzer(edtf_fuzz SOURCES edtf_fuzz.cc DEPS entente::edtf)
#   entente_benchmark(point_reads SOURCES ...)   a program beside the servers
#   entente_proto_library(type_proto PROTOS ... DEPS ... [GRPC] [ROOT directory])
#
# Add GRPC to a target whose sources include gRPC headers: they share one precompiled header.

function(_entente_configure target)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE ${ENTENTE_WARNINGS})
endfunction()

function(_entente_precompile target)
  if(ENTENTE_ARG_GRPC AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_precompile_headers(${target} REUSE_FROM entente_pch)
  endif()
endfunction()

# The heavy headers, parsed once.
function(entente_declare_pch)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/entente_pch.cc CONTENT "// Carries the precompiled header.\n")
  add_library(entente_pch OBJECT ${CMAKE_BINARY_DIR}/entente_pch.cc)
  target_compile_options(entente_pch PRIVATE ${ENTENTE_WARNINGS})
  target_include_directories(entente_pch PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(entente_pch PRIVATE gRPC::grpc++ protobuf::libprotobuf absl::status absl::statusor)
  target_precompile_headers(entente_pch PRIVATE
    <grpcpp/grpcpp.h> <google/protobuf/message.h> <absl/status/statusor.h>
    <functional> <memory> <mutex> <optional> <string> <vector>)
endfunction()

function(entente_library name)
  cmake_parse_arguments(ENTENTE_ARG "GRPC;TESTONLY" "" "SOURCES;DEPS" ${ARGN})
  if(ENTENTE_ARG_TESTONLY AND NOT ENTENTE_BUILD_TESTS)
    return()
  endif()
  if(ENTENTE_ARG_SOURCES)
    add_library(entente_${name} STATIC ${ENTENTE_ARG_SOURCES})
    _entente_configure(entente_${name})
    target_link_libraries(entente_${name} PUBLIC ${ENTENTE_ARG_DEPS})
    _entente_precompile(entente_${name})
  else()
    add_library(entente_${name} INTERFACE)
    target_include_directories(entente_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(entente_${name} INTERFACE ${ENTENTE_ARG_DEPS})
  endif()
  add_library(entente::${name} ALIAS entente_${name})
endfunction()

function(entente_executable name)
  cmake_parse_arguments(ENTENTE_ARG "GRPC" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ENTENTE_ARG_SOURCES})
  _entente_configure(${name})
  target_link_libraries(${name} PRIVATE ${ENTENTE_ARG_DEPS})
  if(ENTENTE_TCMALLOC AND NOT ENTENTE_SANITIZE)
    target_link_libraries(${name} PRIVATE ${ENTENTE_TCMALLOC})
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  install(TARGETS ${name} RUNTIME)
  _entente_precompile(${name})
endfunction()

# Tests labelled "concurrent" are the ones that ThreadSanitizer runs: this target builds them alone.
if(ENTENTE_BUILD_TESTS)
  add_custom_target(entente_concurrent_tests)
endif()

function(entente_test name)
  if(NOT ENTENTE_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ENTENTE_ARG "GRPC" "TIMEOUT" "SOURCES;DEPS;LABELS;PRECOMPILE" ${ARGN})
  if(NOT ENTENTE_ARG_TIMEOUT)
    set(ENTENTE_ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ENTENTE_ARG_SOURCES})
  _entente_configure(${name})
  target_link_libraries(${name} PRIVATE ${ENTENTE_ARG_DEPS} GTest::gmock GTest::gtest_main)
  # Of a test with many sources the headers that all of them read, parsed once.
  if(ENTENTE_ARG_PRECOMPILE)
    target_precompile_headers(${name} PRIVATE ${ENTENTE_ARG_PRECOMPILE})
  else()
    _entente_precompile(${name})
  endif()
  if("concurrent" IN_LIST ENTENTE_ARG_LABELS)
    add_dependencies(entente_concurrent_tests ${name})
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ENTENTE_ARG_TIMEOUT} LABELS "${ENTENTE_ARG_LABELS}"
    ENVIRONMENT "ENTENTE_BIN_DIR=${CMAKE_BINARY_DIR}/bin;ENTENTE_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
endfunction()

function(entente_benchmark name)
  if(NOT ENTENTE_BUILD_BENCHMARKS)
    return()
  endif()
  cmake_parse_arguments(ENTENTE_ARG "GRPC" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ENTENTE_ARG_SOURCES})
  _entente_configure(${name})
  target_link_libraries(${name} PRIVATE ${ENTENTE_ARG_DEPS})
  # Programs are measured with what they are linked with.
  if(ENTENTE_TCMALLOC AND NOT ENTENTE_SANITIZE)
    target_link_libraries(${name} PRIVATE ${ENTENTE_TCMALLOC})
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  _entente_precompile(${name})
endfunction()

function(entente_fuzzer name)
  if(NOT ENTENTE_BUILD_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(ENTENTE_ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ENTENTE_ARG_SOURCES})
  _entente_configure(${name})
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(${name} PRIVATE ${ENTENTE_ARG_DEPS})
endfunction()

# All generated code, for tools that read sources without compiling them.
add_custom_target(entente_generated)

# Generates and compiles the messages (and, with GRPC, the stubs) of one protobuf package.
function(entente_proto_library name)
  cmake_parse_arguments(ENTENTE_ARG "GRPC" "ROOT" "PROTOS;DEPS" ${ARGN})
  set(root ${PROJECT_SOURCE_DIR}/proto)
  if(ENTENTE_ARG_ROOT)
    set(root ${ENTENTE_ARG_ROOT})
  endif()
  set(out ${CMAKE_BINARY_DIR}/gen)
  set(generated)
  foreach(proto ${ENTENTE_ARG_PROTOS})
    string(REGEX REPLACE "\\.proto$" "" base ${proto})
    set(outputs ${out}/${base}.pb.cc ${out}/${base}.pb.h)
    set(plugin)
    if(ENTENTE_ARG_GRPC)
      list(APPEND outputs ${out}/${base}.grpc.pb.cc ${out}/${base}.grpc.pb.h)
      set(plugin --grpc_out=${out} --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(OUTPUT ${outputs}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${out}
      COMMAND protobuf::protoc -I ${root} --cpp_out=${out} ${plugin} ${proto}
      DEPENDS ${root}/${proto}
      COMMENT "protoc ${proto}" VERBATIM)
    list(APPEND generated ${outputs})
  endforeach()
  add_library(entente_${name} STATIC ${generated})
  add_custom_target(entente_${name}_generated DEPENDS ${generated})
  add_dependencies(entente_generated entente_${name}_generated)
  add_dependencies(entente_${name} entente_${name}_generated)
  target_include_directories(entente_${name} SYSTEM PUBLIC ${out})
  target_link_libraries(entente_${name} PUBLIC protobuf::libprotobuf ${ENTENTE_ARG_DEPS})
  if(ENTENTE_ARG_GRPC)
    target_link_libraries(entente_${name} PUBLIC gRPC::grpc++)
  endif()
  add_library(entente::${name} ALIAS entente_${name})
endfunction()
