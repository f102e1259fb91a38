// What has to hold of Idempotency-Keys at a life's end: one key, one answer, one delivery, one mail
// at the SMTP server. Promise 10.
//
// One double is allowed, by promise 11: a death between the server's 250 and the row that tells of
// it leaves an unknown end, which in queue mode is sent again. So a recipient may get a mail twice
// only when each time but the last was in a life that a death ended, and its delivery says
// possibly_duplicated; bytes and Message-ID are the same. Such doubles are counted by themselves.
// The server never cuts a line and answers at once, so nothing else may make one.

/** @param ended lives (numbers) that ended while something may have been under way */
function of_recipient(key, recipient, transactions, delivery, ended) {
  const wrong = [];
  const took = transactions.filter(({ recipients }) => recipients.includes(recipient));
  const say = (words) => wrong.push(`${key.name}, ${recipient}: ${words}`);
  const told = delivery.per_recipient.find(({ address }) => address === recipient);
  if (told?.result_code === 0 && took.length === 0) say("LOST: told as sent, and not taken");
  if (!key.sync && told?.result_code !== 0) say(`ended with ${told?.result_code}`);
  if (key.sync && took.length > 0 && ![0, 61].includes(told?.result_code)) {
    say(`taken, and told as ${told?.result_code}`);
  }
  if (took.length < 2) return { wrong, doubles: 0 };
  const lives = took.map(({ life }) => life);
  const explained = lives.slice(0, -1).every((life) => ended.has(life));
  const apart = new Set(lives).size === lives.length;
  if (key.sync) say(`DOUBLE: a sync mail taken ${took.length} times`);
  else if (!explained || !apart) say(`DOUBLE: taken in lives ${lives}, and no death explains it`);
  else if (!delivery.possibly_duplicated) say(`DOUBLE: taken in lives ${lives}, and not said so`);
  return { wrong, doubles: took.length - 1 };
}

/** One key: its answers, its delivery, its transactions. */
function of_key(key, deliveries, transactions, ended) {
  const { a, b } = key.answers;
  const wrong = [];
  const say = (words) => wrong.push(`${key.name} (${key.way}, ${[...a]}/${[...b]}): ${words}`);
  if (a.has("taken") === b.has("taken")) say("not exactly one of its bodies was taken");
  if (a.size > 1 || b.size > 1) say("the same body was taken and refused");
  if (key.fresh > 1) say(`${key.fresh} answers of the same key claim to be the first`);
  if (key.ids.size !== 1 || key.message_ids.size !== 1) say(`was told ${[...key.ids]}`);
  if (deliveries.length !== 1) say(`DOUBLE: ${deliveries.length} deliveries`);
  const [delivery] = deliveries;
  if (!delivery) return { wrong, doubles: 0 };
  const subject = `${key.name}-${a.has("taken") ? "a" : "b"}`;
  if (delivery.subject !== subject) say(`${subject} was promised, ${delivery.subject} is there`);
  if (!key.ids.has(delivery.id)) say(`${delivery.id} was told to nobody`);
  const ends = key.sync ? ["sent", "failed", "unknown"] : ["sent"];
  if (!ends.includes(delivery.state)) say(`${delivery.id} is ${delivery.state}`);
  for (const transaction of transactions) {
    if (transaction.name !== subject) say(`${transaction.name} was sent`);
    if (!key.message_ids.has(transaction.message_id)) say(`sent as ${transaction.message_id}`);
  }
  if (new Set(transactions.map(({ sha256 }) => sha256)).size > 1) say("sent with two bodies");
  let doubles = 0;
  for (const recipient of key.recipients) {
    const found = of_recipient(key, recipient, transactions, delivery, ended);
    wrong.push(...found.wrong);
    doubles += found.doubles;
  }
  return { wrong, doubles };
}

const by_key = (list, subject) => {
  const map = new Map();
  for (const item of list) {
    const name = subject(item).replace(/-[ab]$/, "");
    if (!map.has(name)) map.set(name, []);
    map.get(name).push(item);
  }
  return map;
};

/** All that is wrong, and the doubles that a death explains. @param deliveries all of them */
export function check_keys({ keys, wrong }, deliveries, transactions, ended) {
  const of_delivery = by_key(deliveries, ({ subject }) => subject);
  const sent = by_key(transactions, ({ name }) => name);
  const all = { wrong: [...wrong], doubles: 0 };
  for (const key of keys.values()) {
    const mine = [of_delivery.get(key.name) ?? [], sent.get(key.name) ?? []];
    const found = of_key(key, ...mine, ended);
    all.wrong.push(...found.wrong);
    all.doubles += found.doubles;
  }
  for (const name of sent.keys()) if (!keys.has(name)) all.wrong.push(`${name} was sent by nobody`);
  return all;
}
