#include "report/foreign_text.h"

#include <gtest/gtest.h>

namespace goshawk::report {
namespace {

TEST(EscapeControls, LeavesOrdinaryNamesAlone) {
  EXPECT_EQ(escape_controls("main.(*T).größe·func1"), "main.(*T).größe·func1");
  EXPECT_EQ(escape_controls(""), "");
}

TEST(EscapeControls, NothingThatATerminalActsOnGetsThrough) {
  EXPECT_EQ(escape_controls("a\x1b[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(escape_controls("a\nb\rc\td\x7f"), "a\\x0ab\\x0dc\\x09d\\x7f");
  EXPECT_EQ(escape_controls(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(escape_controls("\xc2\x9b"
                            "2J"),
            "\\u009b2J");  // C1: CSI
  EXPECT_EQ(escape_controls("\xe2\x80\xae"
                            "gpj.exe"),
            "\\u202egpj.exe");  // right to left
  EXPECT_EQ(escape_controls("\xe2\x80\xa8"), "\\u2028");
}

TEST(EscapeControls, BrokenUtf8IsShownByteByByte) {
  EXPECT_EQ(escape_controls("a\xff"), "a\\xff");
  EXPECT_EQ(escape_controls("\xc3"), "\\xc3");                             // cut
  EXPECT_EQ(escape_controls("\xc0\xaf"), "\\xc0\\xaf");                    // overlong
  EXPECT_EQ(escape_controls("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(escape_controls("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // past U+10FFFF
}

TEST(RepairUtf8, ReplacesWhatIsBroken) {
  EXPECT_EQ(repair_utf8("a\xff"
                        "b"),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(repair_utf8("größe"), "größe");
}

TEST(DisplayWidth, CountsCodePoints) {
  EXPECT_EQ(display_width("größe"), 5u);
  EXPECT_EQ(display_width(""), 0u);
}

}  // namespace
}  // namespace goshawk::report
