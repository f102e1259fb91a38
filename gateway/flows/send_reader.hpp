// Reads the body of POST /send; send_request.hpp is what others see of it.
#pragma once

#include "core/json_fields.hpp"
#include "core/template.hpp"
#include "flows/send_request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::flows {

inline constexpr const char* one_line_only = "must be one line, without control characters";

/// Whether `text` could end the header field it is put into, or hide in it.
bool leaves_its_line(std::string_view text);

/// Reads one body; remembers the most telling result code of what is wrong.
class SendReader {
 public:
  SendReader(const boost::json::object& object, std::vector<DraftAttachment> files)
      : fields_(object, "", problems_), files_(std::move(files)) {}

  std::variant<SendRequest, Refusal> read();

 private:
  void read_variables();
  void read_addresses();
  void read_content();
  void read_attachments();
  void read_attachment(const boost::json::object& object, const std::string& pointer);
  void read_files();
  void check_attachments();
  void read_headers();
  void read_header(std::string_view name, const boost::json::value& value);
  void read_threading();
  void read_schedule();
  void read_marks();
  void read_wishes();
  void addresses(std::string_view name, std::vector<MailAddress>& out);
  void address(std::string_view name, std::optional<MailAddress>& out);
  void check_message_id(std::string_view id, const std::string& pointer);
  void check_domain(const MailAddress& address, const std::string& pointer);
  std::optional<std::string> unchecked_text(std::string_view name, std::size_t bytes_max);
  std::optional<std::string> one_line(JsonFields& fields, std::string_view name);
  void expand(std::string& text, TemplateEscape escape, std::size_t bytes_max,
              const std::string& pointer);
  void wrong(ResultCode code, std::string pointer, std::string detail);

  FieldProblems problems_;
  JsonFields fields_;
  std::vector<DraftAttachment> files_;
  std::optional<TemplateVariables> variables_;
  SendRequest request_;
  std::optional<ResultCode> code_;
};

}  // namespace postern::flows
