// What has to hold at a life's end, read off the accounts of everybody around Postern. Each line is
// one broken promise, with the mail's name.

/** Incoming: promises 1, 2, 15 and 16. */
function incoming({ imap, hook, consumer }) {
  const wrong = [];
  for (const mail of imap.all.values()) {
    const told = hook.taken.get(mail.name);
    const pulled = consumer.mails.get(mail.name);
    const say = (words) => wrong.push(`${mail.name} (uid ${mail.uid}): ${words}`);
    if (!mail.finalised_at) say("is still on the server");
    if (!told) say(`${mail.finalised_at ? "LOST: finalised and " : ""}never handed over`);
    else if (told !== mail.sha256) say("was handed over with other bytes");
    if (!pulled) say(`${mail.finalised_at ? "LOST: finalised and " : ""}never pullable`);
    else if (pulled.sha256 !== mail.sha256) say("was pulled with other bytes");
    else if (!pulled.acknowledged) say("was leased and not acknowledged");
    if (pulled?.ids.size > 1) say(`is ${pulled.ids.size} messages`);
    const ids = hook.ids.get(mail.name)?.size ?? 0;
    if (ids > 1) say(`was handed over under ${ids} webhook-ids`);
  }
  for (const [id, bodies] of hook.bodies) {
    if (bodies.size > 1) wrong.push(`${id}: one webhook-id with ${bodies.size} bodies`);
  }
  for (const name of consumer.returned) wrong.push(`${name}: came back after its ack`);
  return wrong;
}

const settled = new Set(["sent", "failed", "unknown"]);

/** One acknowledged mail against what the sink took. Promises 9 to 12. */
function outgoing_mail(wish, deliveries, transactions) {
  const wrong = [];
  const say = (words) => wrong.push(`${wish.name} by ${wish.via}: ${words}`);
  if (deliveries.length === 0) say("LOST: acknowledged, and no such delivery");
  // A client without its answer says the mail again: then there are more deliveries than one.
  const rightful = wish.via === "api" ? 1 : wish.tries;
  if (deliveries.length > rightful) say(`${deliveries.length} deliveries in ${wish.tries} tries`);
  const ids = new Set(transactions.map((transaction) => transaction.message_id));
  if (ids.size > 1) say(`was sent as ${ids.size} mails`);
  for (const delivery of deliveries) {
    if (!settled.has(delivery.state)) say(`${delivery.id} is ${delivery.state}`);
    if (!["sent", "failed"].includes(delivery.state)) continue;
    for (const { address, result_code } of delivery.per_recipient) {
      const took = transactions.some(({ recipients }) => recipients.includes(address));
      if (result_code === 0 && !took) say(`LOST: told as sent to ${address}, which got nothing`);
      if (result_code !== 0 && !address.startsWith("refused")) {
        say(`${address} was told as ${result_code}: ${JSON.stringify(delivery)}`);
      }
    }
  }
  const doubtful = deliveries.some((delivery) => delivery.possibly_duplicated);
  for (const recipient of wish.recipients) {
    const times = transactions.filter(({ recipients }) => recipients.includes(recipient)).length;
    if (times > deliveries.length && !doubtful) {
      say(`${recipient} got it ${times} times, and no delivery says possibly_duplicated`);
    }
  }
  return wrong;
}

function by(list, key) {
  const map = new Map();
  for (const item of list) {
    if (!map.has(item[key])) map.set(item[key], []);
    map.get(item[key]).push(item);
  }
  return map;
}

/** All that is wrong at a life's end. @param deliveries all of GET /deliveries */
export function broken_promises({ imap, hook, consumer, sink, clients }, deliveries) {
  const by_message_id = by(deliveries, "message_id");
  const by_name = by(sink.transactions, "name");
  const outgoing = [...clients.wishes.values()]
    .filter((wish) => wish.acknowledged)
    .flatMap((wish) =>
      outgoing_mail(wish, by_message_id.get(wish.message_id) ?? [], by_name.get(wish.name) ?? []),
    );
  return [...incoming({ imap, hook, consumer }), ...outgoing, ...clients.wrong];
}
