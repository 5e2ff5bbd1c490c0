# SPDX-License-Identifier: Apache-2.0
# What every target is compiled with, and the third-party packages they use.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # What it must be told to keep objects that were compiled with precompiled headers
  # (https://ccache.dev/manual/4.8.html#_precompiled_headers).
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    add_compile_options(-fpch-preprocess)
  endif()
endif()

# Warnings apply to our code only: generated code is a SYSTEM include.
set(ENTENTE_WARNINGS -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                     -Wimplicit-fallthrough -Wno-missing-field-initializers
                     -Wno-unused-parameter -Werror)
if(ENTENTE_SANITIZE)
  add_compile_options(-fsanitize=${ENTENTE_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ENTENTE_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # What GCC 12 takes moves of a std::string for (https://gcc.gnu.org/PR105651) where the checks
    # of the sanitizers stand in between. They see the real ones.
    list(APPEND ENTENTE_WARNINGS -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow
                                 -Wno-maybe-uninitialized)
  endif()
  if(ENTENTE_SANITIZE MATCHES "undefined")
    # protobuf and gRPC are not built with RTTI for every type: vptr checks need it.
    add_compile_options(-fno-sanitize=vptr)
  endif()
endif()

find_package(Threads REQUIRED)
# For all alike, or they cannot share precompiled headers.
add_compile_options(-pthread)
find_package(absl CONFIG REQUIRED)
find_package(Protobuf CONFIG QUIET)
if(NOT Protobuf_FOUND)
  find_package(Protobuf REQUIRED)
endif()
find_package(gRPC CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(EXPAT REQUIRED)
find_package(ICU REQUIRED COMPONENTS i18n uc)
find_package(Boost REQUIRED)  # Headers only.
# libical: Debian's package has no configuration for CMake.
find_path(ENTENTE_ICAL_INCLUDE libical/ical.h REQUIRED)
find_library(ENTENTE_ICAL ical REQUIRED)
add_library(entente_ical INTERFACE)
target_include_directories(entente_ical SYSTEM INTERFACE ${ENTENTE_ICAL_INCLUDE})
target_link_libraries(entente_ical INTERFACE ${ENTENTE_ICAL})
add_library(entente::ical ALIAS entente_ical)
# What our programs allocate with. Where it is not there they work as well, only slower: see
# docs/performance.md. Sanitizers bring an allocator of their own.
if(NOT ENTENTE_SANITIZE)
  find_library(ENTENTE_TCMALLOC tcmalloc_minimal)
  if(NOT ENTENTE_TCMALLOC)
    message(STATUS "No tcmalloc (libgoogle-perftools-dev): calls will take up to a quarter longer")
  endif()
endif()
if(ENTENTE_BUILD_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
