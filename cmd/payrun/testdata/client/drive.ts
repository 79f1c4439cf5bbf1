// Brings a file in, has it paid and follows it to its end, by what openapi-typescript made of
// the server's description: a call that the description has otherwise does not compile.
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components, paths } from "./payrun.js";

type Batch = components["schemas"]["Batch"];
type Event = components["schemas"]["Event"];
type Payout = components["schemas"]["Payout"];
type Problem = components["schemas"]["Problem"];

const [url, file] = process.argv.slice(2);
const token = process.env["PAYRUN_TOKEN"];
if (!url || !file || !token) {
  throw new Error("usage: PAYRUN_TOKEN=… node drive.js URL FILE");
}
const api = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });
const id = "from-node";

function must<T>(what: string, answer: { data?: T; error?: Problem }): T {
  if (answer.error) {
    throw new Error(`${what}: ${answer.error.code}: ${answer.error.detail ?? answer.error.title}`);
  }
  if (answer.data === undefined) {
    throw new Error(`${what}: no answer`);
  }
  return answer.data;
}

function refused(what: string, code: string, answer: { error?: Problem }): Problem {
  if (answer.error?.code !== code) {
    throw new Error(`${what}: ${JSON.stringify(answer.error)}, want ${code}`);
  }
  return answer.error;
}

const bringIn = (text: string, check: boolean) =>
  api.POST("/v1/batches", {
    params: { query: { batch: id, file: "from-node.csv", check } },
    body: text,
    bodySerializer: (body) => body as string,
    headers: { "Content-Type": "text/csv" },
  });

const pay = (total: components["schemas"]["Total"], key: string) =>
  api.POST("/v1/batches/{id}/pay", {
    params: { path: { id }, header: { "Idempotency-Key": key } },
    body: { count: total.count, total: total.amount },
  });

// The data of each server-sent event, until one says that the batch is closed.
async function follow(): Promise<Event[]> {
  const { response } = await api.GET("/v1/events", {
    params: { query: { batch: id }, header: { "Last-Event-ID": "0" } },
    parseAs: "stream",
  });
  const events: Event[] = [];
  let left = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    left += decoder.decode(chunk, { stream: true });
    const lines = left.split("\n");
    left = lines.pop() ?? "";
    for (const line of lines.filter((one) => one.startsWith("data: "))) {
      const event = JSON.parse(line.slice("data: ".length)) as Event;
      events.push(event);
      if (event.kind === "batch.closed") {
        return events;
      }
    }
  }
  throw new Error(`the stream ended after ${events.length} events`);
}

async function payouts(): Promise<Payout[]> {
  const all: Payout[] = [];
  for (let after: string | undefined; ; ) {
    const page = must("list", await api.GET("/v1/batches/{id}/payouts", { params: { path: { id }, query: { limit: 2, after } } }));
    all.push(...page.payouts);
    after = page.next;
    if (!after) {
      return all;
    }
  }
}

const text = readFileSync(file, "utf8");
const wrong = refused("a wrong file", "file", await bringIn("transaction_id,name\n1,2\n", true));
const found = must("check", await bringIn(text, true)).found;
const made = must("bring in", await bringIn(text, false)).batch as Batch;
const other = refused("another total", "not_as_confirmed", await pay({ count: 1, amount: 1 }, "first"));
must("pay", await pay(other.found ?? made.to_confirm, "second"));
const again = await pay(made.to_confirm, "second");
const events = await follow();
const batch = must("show", await api.GET("/v1/batches/{id}", { params: { path: { id } } }));
const report = must("report", await api.GET("/v1/batches/{id}/report.json", { params: { path: { id } } }));
console.log(
  JSON.stringify({
    problems: wrong.file?.problems.map((problem) => problem.code),
    rows: found.rows,
    replayed: again.response.headers.get("Idempotent-Replayed"),
    last: events.at(-1)?.kind,
    state: batch.state,
    paid: batch.payouts["successful"]?.amount,
    references: (await payouts()).map((payout) => payout.reference),
    summary: (report as { summary: { rows: number } }).summary.rows,
  }),
);
