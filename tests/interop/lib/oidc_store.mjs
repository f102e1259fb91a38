// Where the authorization server keeps what it hands out: in memory, open to the tests. Unlike the
// store that oidc-provider brings along it can be told to let a refresh token live on after it was
// rotated (as Microsoft does), and it remembers every secret for the search through logs.
const grantable = new Set(["AccessToken", "AuthorizationCode", "RefreshToken", "DeviceCode"]);
const secret = new Set([...grantable, "ClientCredentials"]);

export class OidcStore {
  rows = new Map(); // "Model:id" → {payload, until}
  clients = new Map(); // client_id → its metadata
  secrets = new Set(); // every token and code that was ever given out
  reuse_allowed = false; // whether a rotated refresh token goes on working

  /** The class that oidc-provider makes its adapters of: one a model. */
  adapter() {
    const store = this;
    return class {
      constructor(model) {
        this.model = model;
      }
      async upsert(id, payload, expires_in_s) {
        if (secret.has(this.model)) store.secrets.add(id);
        const until = expires_in_s ? Date.now() + expires_in_s * 1000 : Infinity;
        store.rows.set(`${this.model}:${id}`, { payload, until });
      }
      async find(id) {
        if (this.model === "Client") return store.clients.get(id);
        return store.find(this.model, (_, key) => key === id);
      }
      async findByUid(uid) {
        return store.find(this.model, (payload) => payload.uid === uid);
      }
      async findByUserCode(user_code) {
        return store.find(this.model, (payload) => payload.userCode === user_code);
      }
      async consume(id) {
        if (this.model === "RefreshToken" && store.reuse_allowed) return;
        const row = store.rows.get(`${this.model}:${id}`);
        if (row) row.payload.consumed = Math.floor(Date.now() / 1000);
      }
      async destroy(id) {
        store.rows.delete(`${this.model}:${id}`);
      }
      async revokeByGrantId(grant) {
        store.remove((model, payload) => grantable.has(model) && payload.grantId === grant);
      }
    };
  }

  find(model, wanted) {
    for (const [key, { payload, until }] of this.rows) {
      const [its_model, id] = [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)];
      if (its_model === model && until > Date.now() && wanted(payload, id)) return payload;
    }
    return undefined;
  }

  /** Removes all rows for which `wanted(model, payload)` holds. */
  remove(wanted) {
    for (const [key, { payload }] of this.rows) {
      if (wanted(key.slice(0, key.indexOf(":")), payload)) this.rows.delete(key);
    }
  }
}
