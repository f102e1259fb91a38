#include "message/absence.hpp"

#include "message/ascii.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace postern::message {
namespace {

// ASCII in lower case. Beyond ASCII a word begins behind its first letter where that may be a
// capital, since no locale folds it here.
constexpr std::array<std::string_view, 25> automatic_fronts = {"automatic reply",
                                                               "automatic response",
                                                               "auto-reply",
                                                               "autoreply",
                                                               "auto reply",
                                                               "auto-response",
                                                               "auto response",
                                                               "[auto-reply]",
                                                               "auto:",
                                                               "automatische antwort",
                                                               "automatisch antwoord",
                                                               "réponse automatique",
                                                               "Réponse automatique",
                                                               "respuesta automática",
                                                               "risposta automatica",
                                                               "resposta automática",
                                                               "autosvar",
                                                               "automatiskt svar",
                                                               "automaattinen vastaus",
                                                               "odpowiedź automatyczna",
                                                               "automatická odpov",
                                                               "Автоответ",
                                                               "Автоматический ответ",
                                                               "自动答复",
                                                               "自動応答"};
constexpr std::array<std::string_view, 14> absence_fronts = {"out of office",
                                                             "out of the office",
                                                             "abwesenheit",
                                                             "abwesend",
                                                             "absence du bureau",
                                                             "message d'absence",
                                                             "fuera de la oficina",
                                                             "fuori sede",
                                                             "fuori ufficio",
                                                             "afwezigheid",
                                                             "vacation reply",
                                                             "frånvaro",
                                                             "fravær",
                                                             "nieobecno"};
constexpr std::array<std::string_view, 71> absence_words = {
    "out of office", "out of the office", "out-of-office", "on vacation", "on annual leave",
    "on leave", "on holiday", "on maternity leave", "on parental leave", "on sick leave",
    "away from my desk", "away from the office", "not in the office", "currently away", "i am away",
    "i'm away", "will be away", "back in the office", "i am absent",
    // German, French
    "abwesen", "nicht im büro", "nicht im haus", "außer haus", "im urlaub", "in urlaub",
    "nicht erreichbar", "wieder erreichbar", "absent du bureau", "absente du bureau",
    "je suis absent", "actuellement absent", "en congé", "en vacances", "mon absence",
    // Spanish, Portuguese, Italian
    "fuera de la oficina", "estoy ausente", "de vacaciones", "mi ausencia", "fora do escritório",
    "estou ausente", "de férias", "fuori sede", "fuori ufficio", "sono assente", "in ferie",
    // Dutch, the north
    "afwezig", "met vakantie", "op vakantie", "niet op kantoor", "frånvarande", "på semester",
    "fraværende", "på ferie", "lomalla", "poissa toimistolta",
    // Polish, Czech, Hungarian, Turkish
    "poza biurem", "na urlopie", "nieobecn", "na dovolené", "mimo kancelář", "szabadságon",
    "ofis dışında", "izindeyim",
    // Russian, Chinese, Japanese, Korean
    " отпуске", "тсутству", "休假", "不在办公室", "休暇", "不在にして", "부재중", "휴가"};

bool has_front(std::string_view subject, auto& fronts) {
  const auto text = to_lower(trim(subject));
  return std::ranges::any_of(
      fronts, [&](std::string_view each) { return std::string_view(text).starts_with(each); });
}

}  // namespace

bool is_automatic_subject(std::string_view subject) {
  return has_front(subject, automatic_fronts);
}

bool is_absence_subject(std::string_view subject) {
  return has_front(subject, absence_fronts);
}

bool tells_of_absence(std::string_view text) {
  const auto lowered = to_lower(text.substr(0, absence_text_bytes_max));
  return std::ranges::any_of(absence_words, [&](std::string_view each) {
    return lowered.find(each) != std::string::npos;
  });
}

}  // namespace postern::message
