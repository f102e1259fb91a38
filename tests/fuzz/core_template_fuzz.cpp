// Any bytes as a template: without mistakes nothing is left of a name, and a value never is one.
#include "core/result.hpp"
#include "core/template.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace postern;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const TemplateVariables variables{{"a", ""}, {"b.c", "{{a}}"}};
  const auto expanded = expand_template(text, variables, TemplateEscape::none, 10'000);
  const auto mistakes = template_mistakes(text, {"a", "b.c"});
  POSTERN_ASSERT(expanded.text.size() <= 10'000 + 5);
  POSTERN_ASSERT(mistakes.size() <= template_mistakes_max);
  if (size <= 1'000) POSTERN_ASSERT(mistakes == expanded.mistakes);
  const auto html =
      expand_template(text, {{"a", "<&\"'>"}, {"b.c", ""}}, TemplateEscape::html, 10'000);
  POSTERN_ASSERT(html.mistakes.size() <= template_mistakes_max + 1);
  return 0;
}
