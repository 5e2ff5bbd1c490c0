# SPDX-License-Identifier: Apache-2.0
# One way to declare each kind of target.
#
#   entente_library(edtf SOURCES edtf.cc DEPS absl::status)      -> entente::edtf
#   entente_executable(entente-catalogue SOURCES main.cc DEPS ...)
#   entente_test(edtf_test SOURCES edtf_test.cc DEPS entente::edtf [LABELS ...] [TIMEOUT s]
#     [PRECOMPILED target] [OPTIMISED])
#   entente_fuzzer(edtf_fuzz SOURCES edtf_fuzz.cc DEPS entente::edtf)
#   entente_benchmark(point_reads SOURCES ...)   a program beside the servers
#   entente_proto_library(type_proto PROTOS ... DEPS ... [GRPC] [ROOT directory])
#
# Heavy headers are parsed once, in three precompiled headers: of libraries, of libraries whose
# sources include gRPC's headers (GRPC), and of tests. Each source still includes what it uses:
# clang-tidy reads them without any of this.

function(_entente_configure target)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE ${ENTENTE_WARNINGS})
endfunction()

# The compiler spends more time on optimising a test than the test runs. (A header can only be
# precompiled for those who are compiled like it.)
set(ENTENTE_TEST_OPTIONS -O0)

# Compiles the target with the precompiled header of `carrier`.
function(_entente_precompile target carrier)
  if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_precompile_headers(${target} REUSE_FROM ${carrier})
  endif()
endfunction()

function(_entente_precompile_library target)
  if(ENTENTE_ARG_GRPC)
    _entente_precompile(${target} entente_grpc_pch)
  else()
    _entente_precompile(${target} entente_pch)
  endif()
endfunction()

# entente_precompiled_headers(NAME HEADERS header... [DEPS ...] [TESTS]): a target that carries a
# precompiled header for others, or for tests.
function(entente_precompiled_headers name)
  cmake_parse_arguments(ENTENTE_ARG "TESTS" "" "HEADERS;DEPS" ${ARGN})
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/${name}.cc CONTENT "// Carries the precompiled header.\n")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cc)
  _entente_configure(${name})
  if(ENTENTE_ARG_TESTS)
    target_compile_options(${name} PRIVATE ${ENTENTE_TEST_OPTIONS})
  endif()
  target_link_libraries(${name} PRIVATE ${ENTENTE_ARG_DEPS})
  target_precompile_headers(${name} PRIVATE ${ENTENTE_ARG_HEADERS})
endfunction()

# The heavy headers, each parsed once in each of these.
function(entente_declare_precompiled_headers)
  set(library <google/protobuf/message.h> <google/protobuf/generated_message_reflection.h>
    <google/protobuf/repeated_field.h> <google/protobuf/unknown_field_set.h>
    <absl/container/flat_hash_map.h> <absl/status/statusor.h> <absl/strings/str_cat.h> <algorithm>
    <functional> <map> <memory> <mutex> <optional> <string> <vector>)
  set(library_deps protobuf::libprotobuf absl::flat_hash_map absl::statusor absl::strings)
  entente_precompiled_headers(entente_pch HEADERS ${library} DEPS ${library_deps})
  entente_precompiled_headers(entente_grpc_pch HEADERS ${library} <grpcpp/grpcpp.h>
    DEPS ${library_deps} gRPC::grpc++)
  if(ENTENTE_BUILD_TESTS)
    entente_precompiled_headers(entente_test_pch TESTS HEADERS ${library} <grpcpp/grpcpp.h> <gmock/gmock.h>
      DEPS ${library_deps} gRPC::grpc++ GTest::gmock)
  endif()
endfunction()

# entente_compiled_alone(SOURCES...): where sources of a target are compiled together, as all
# builds but "debug" do, not these, whose local names others of the target have too.
function(entente_compiled_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
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
    _entente_precompile_library(entente_${name})
  else()
    add_library(entente_${name} INTERFACE)
    target_include_directories(entente_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(entente_${name} INTERFACE ${ENTENTE_ARG_DEPS})
  endif()
  add_library(entente::${name} ALIAS entente_${name})
endfunction()

# All that is installed.
add_custom_target(entente_programs)

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
  add_dependencies(entente_programs ${name})
  _entente_precompile_library(${name})
endfunction()

# A test that computes more than it calls is OPTIMISED like the libraries.
#
# Tests labelled "concurrent" are the ones that ThreadSanitizer runs: this target builds them alone.
# Those in tests/ see the programs from outside: they have the label "black-box".
if(ENTENTE_BUILD_TESTS)
  add_custom_target(entente_concurrent_tests)
  add_custom_target(entente_black_box_tests)
endif()

set(ENTENTE_BLACK_BOX ${PROJECT_SOURCE_DIR}/tests)

function(entente_test name)
  if(NOT ENTENTE_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ENTENTE_ARG "OPTIMISED" "TIMEOUT;PRECOMPILED" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ENTENTE_ARG_TIMEOUT)
    set(ENTENTE_ARG_TIMEOUT 120)
  endif()
  if(ENTENTE_SANITIZE)
    math(EXPR ENTENTE_ARG_TIMEOUT "${ENTENTE_ARG_TIMEOUT} * 3")
  endif()
  if(NOT ENTENTE_ARG_PRECOMPILED)
    set(ENTENTE_ARG_PRECOMPILED entente_test_pch)
  endif()
  add_executable(${name} ${ENTENTE_ARG_SOURCES})
  _entente_configure(${name})
  target_link_libraries(${name} PRIVATE ${ENTENTE_ARG_DEPS} GTest::gmock GTest::gtest_main)
  if(ENTENTE_ARG_OPTIMISED)
    _entente_precompile(${name} entente_pch)
  else()
    target_compile_options(${name} PRIVATE ${ENTENTE_TEST_OPTIONS})
    _entente_precompile(${name} ${ENTENTE_ARG_PRECOMPILED})
  endif()
  cmake_path(IS_PREFIX ENTENTE_BLACK_BOX "${CMAKE_CURRENT_SOURCE_DIR}" is_black_box)
  if(is_black_box)
    list(APPEND ENTENTE_ARG_LABELS black-box)
    add_dependencies(entente_black_box_tests ${name})
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
  # A few files each, and nothing is won.
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
  _entente_configure(${name})
  target_link_libraries(${name} PRIVATE ${ENTENTE_ARG_DEPS})
  # Programs are measured with what they are linked with.
  if(ENTENTE_TCMALLOC AND NOT ENTENTE_SANITIZE)
    target_link_libraries(${name} PRIVATE ${ENTENTE_TCMALLOC})
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  _entente_precompile_library(${name})
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
  # Each generated file has names like those of the others.
  set_target_properties(entente_${name} PROPERTIES UNITY_BUILD OFF)
  add_custom_target(entente_${name}_generated DEPENDS ${generated})
  add_dependencies(entente_generated entente_${name}_generated)
  add_dependencies(entente_${name} entente_${name}_generated)
  target_include_directories(entente_${name} SYSTEM PUBLIC ${out})
  target_link_libraries(entente_${name} PUBLIC protobuf::libprotobuf ${ENTENTE_ARG_DEPS})
  if(ENTENTE_ARG_GRPC)
    target_link_libraries(entente_${name} PUBLIC gRPC::grpc++)
  endif()
  _entente_precompile_library(entente_${name})
  add_library(entente::${name} ALIAS entente_${name})
endfunction()
