# goshawk_folder(<folder below src> [USES folders...] [LINKS libraries...])
# makes the library of one folder from all its .cpp files (sub-folders too), and, from its
# *_test.cpp files, one test program. Nothing is listed by hand; a new file is found by itself.
#
# goshawk_program(<name> <folder below src> [USES folders...] [LINKS libraries...])
# makes a program of such a folder: its library, with main.cpp apart so that the rest can be tested.

function(goshawk_options target)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
                                           $<$<BOOL:${GOSHAWK_WERROR}>:-Werror>
                                           # what libstdc++ 12 itself calls (stable_sort)
                                           $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
  target_compile_definitions(${target} PRIVATE GOSHAWK_VERSION="${PROJECT_VERSION}")
  if(GOSHAWK_SANITIZE)
    # g++ 12 sees uninitialised values in its own <regex> and <variant> when it instruments them.
    target_compile_options(${target} PRIVATE -fsanitize=${GOSHAWK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
                                             $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
                                             # Asio's fences, beside its locks
                                             $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
    if(GOSHAWK_SANITIZE MATCHES undefined)
      # What AddressSanitizer ends at as well (null), or what we have none of (vptr), is a quarter of the time to compile.
      target_compile_options(${target} PRIVATE -fno-sanitize=null,vptr,object-size,nonnull-attribute,returns-nonnull-attribute)
    endif()
    target_link_options(${target} PRIVATE -fsanitize=${GOSHAWK_SANITIZE})
  endif()
  if(GOSHAWK_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)  # libFuzzer sees what is reached
  endif()
endfunction()

function(goshawk_folder folder)
  cmake_parse_arguments(arg "" "" "USES;LINKS" ${ARGN})
  string(REPLACE "/" "_" name goshawk_${folder})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS src/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  set(libraries ${arg_LINKS})
  foreach(used ${arg_USES})
    string(REPLACE "/" "_" used_name goshawk_${used})
    list(APPEND libraries ${used_name})
  endforeach()

  if(sources)
    add_library(${name} STATIC ${sources})
    goshawk_options(${name})
    target_link_libraries(${name} PUBLIC ${libraries} Threads::Threads)
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${libraries})
  endif()

  if(tests)
    add_executable(${name}_test ${tests})
    goshawk_options(${name}_test)
    if(GOSHAWK_SANITIZE MATCHES undefined)
      # Of the tests' own code, that of gtest's macros first of all; it makes another quarter.
      target_compile_options(${name}_test PRIVATE -fno-sanitize=alignment,pointer-overflow)
    endif()
    target_link_libraries(${name}_test PRIVATE ${name} GTest::gtest GTest::gmock GTest::gtest_main)
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
endfunction()

function(goshawk_program name folder)
  goshawk_folder(${folder} ${ARGN})
  string(REPLACE "/" "_" library goshawk_${folder})
  add_executable(${name} src/${folder}/main.cpp)
  goshawk_options(${name})
  target_link_libraries(${name} PRIVATE ${library})
endfunction()
