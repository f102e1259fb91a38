// The fields of an OAuth app.
import { AppProvider } from "../parts/app_provider.js";

export const fresh = { name: "", provider: "microsoft365", flow: "code", client_id: "", scopes: [] };

const service = (app) => app.flow === "service_account";

export const oauth_app = [
  { path: "name", label: "Name", required: true },
  { path: "provider", key: "app-provider", part: AppProvider },
  {
    path: "flow",
    label: "Flow",
    kind: "select",
    options: [
      ["code", "Somebody authorises in the browser"],
      ["device", "By device code"],
      ["client_credentials", "The app for itself (client credentials)"],
      ["service_account", "Service account (Google)"],
    ],
  },
  { path: "client_id", label: "Client id", required: true, hint: "Of a service account: its address." },
  { path: "client_secret", label: "Client secret", kind: "password", when: (app) => !service(app) },
  {
    path: "secret_expires_at",
    label: "Secret ends on",
    kind: "datetime",
    hint: "You are reminded 60, 30, 7 and 1 days before.",
  },
  { path: "tenant", label: "Tenant", none: null, hint: "Microsoft: the directory's id." },
  {
    path: "scopes",
    label: "Scopes",
    kind: "lines",
    split: /[\s,]+/,
    hint: "Empty: the provider's.",
  },
  {
    path: "certificate_pem",
    label: "Certificate (PEM)",
    kind: "area",
    none: null,
    wide: true,
    more: true,
    hint: "With its key, in the place of a secret.",
  },
  {
    path: "private_key_pem",
    label: "Private key (PEM)",
    kind: "area",
    none: undefined,
    wide: true,
    more: true,
    hint: "Stored, never shown.",
  },
  { path: "key_id", label: "Key id", none: null, more: true },
  { path: "issuer", label: "Issuer", none: null, wide: true, more: true, hint: "The rest is discovered." },
  ...[
    ["authorization_endpoint", "Authorisation endpoint"],
    ["token_endpoint", "Token endpoint"],
    ["device_authorization_endpoint", "Device authorisation endpoint"],
    ["revocation_endpoint", "Revocation endpoint"],
    ["userinfo_endpoint", "User info endpoint"],
  ].map(([path, label]) => ({ path, label, none: null, wide: true, more: true })),
  { path: "ca_pem", label: "Own certificate authority (PEM)", kind: "area", none: null, wide: true, more: true },
];
