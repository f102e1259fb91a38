// The table's parts, one a resource; each beside its handlers.
#pragma once

#include "web/router.hpp"

namespace postern::web {

Routes integration_routes();       // web/api_integrations
Routes integration_act_routes();   // web/api_integration_acts
Routes bulk_routes();              // web/api_bulk
Routes connection_test_routes();   // web/api_connection_test
Routes activity_routes();          // web/api_activity
Routes send_routes();              // web/api_send
Routes delivery_routes();          // web/api_deliveries
Routes message_routes();           // web/api_messages
Routes target_routes();            // web/api_targets
Routes rule_routes();              // web/api_rules
Routes pull_routes();              // web/api_pull
Routes replay_routes();            // web/api_replay
Routes target_test_routes();       // web/api_target_test
Routes event_routes();             // web/api_events
Routes account_routes();           // web/api_accounts
Routes session_routes();           // web/api_sessions
Routes user_routes();              // web/api_users
Routes system_routes();            // web/api_system
Routes provider_routes();          // web/api_providers
Routes oauth_app_routes();         // web/api_oauth_apps
Routes oauth_routes();             // web/api_oauth
Routes event_rule_routes();        // web/api_event_rules
Routes event_rule_act_routes();    // web/api_event_rule_acts
Routes profile_routes();           // web/api_profiles
Routes submission_login_routes();  // web/api_submission_login
Routes overview_routes();          // web/api_overview
Routes backup_routes();            // web/api_backup
Routes problem_routes();           // web/api_problems
Routes take_up_routes();           // web/api_take_up
Routes silence_routes();           // web/api_silences
Routes settings_routes();          // web/api_settings
Routes notify_routes();            // web/api_notify
Routes page_routes();              // web/api_page

}  // namespace postern::web
