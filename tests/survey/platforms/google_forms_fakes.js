// Google's services as far as docs/platforms/google_forms.gs uses them, and a form whose answers we made up.
// Runs the steps of the plan that is given on standard input, and prints what was sent and what went wrong.
const crypto = require("crypto");
const fs = require("fs");
const vm = require("vm");

const [script, plan] = [fs.readFileSync(process.argv[2], "utf8"), JSON.parse(fs.readFileSync(0, "utf8"))];
const properties = { ASSENT_ADDRESS: "https://assent.example/v1/hooks/con_1", ASSENT_SECRET: plan.secret };
const [sent, triggers, errors, answers] = [[], [], [], []];
const responses = new Map();
const signedBytes = (buffer) => Array.from(buffer, (byte) => (byte << 24) >> 24);
const buffer = (bytes) => Buffer.from(bytes.map((byte) => byte & 255));

function item([id, title, type, value, rows]) {
  const asGrid = () => ({ getRows: () => rows });
  const found = { getId: () => id, getTitle: () => title, getType: () => ({ toString: () => type }), asGridItem: asGrid, asCheckboxGridItem: asGrid };
  return { getItem: () => found, getResponse: () => value };
}

function response(id, at, items) {
  return { getId: () => id, getTimestamp: () => new Date(at), getItemResponses: () => items.map(item) };
}

const form = {
  getId: () => "form1",
  getResponse: (id) => {
    if (!responses.has(id)) throw new Error("no such response");
    return responses.get(id);
  },
  getResponses: (since) => [...responses.values()].filter((each) => each.getTimestamp() >= since),
};
const builder = new Proxy({}, { get: (_, name) => (name === "create" ? () => {} : () => builder) });

const world = {
  console: { error: (text) => errors.push(text) },
  FormApp: { getActiveForm: () => form },
  LockService: { getScriptLock: () => ({ tryLock: () => true, releaseLock: () => {} }) },
  ScriptApp: {
    getProjectTriggers: () => triggers.map((name) => ({ getHandlerFunction: () => name })),
    deleteTrigger: (trigger) => triggers.splice(triggers.indexOf(trigger.getHandlerFunction()), 1),
    newTrigger: (name) => (triggers.push(name), builder),
  },
  PropertiesService: {
    getScriptProperties: () => ({
      getProperty: (name) => properties[name] ?? null,
      getProperties: () => ({ ...properties }),
      setProperty: (name, value) => {
        if (Buffer.byteLength(value) > 9 * 1024) throw new Error("Argument too large: value");
        properties[name] = value;
      },
      deleteProperty: (name) => delete properties[name],
    }),
  },
  Utilities: {
    newBlob: (text) => ({ getBytes: () => signedBytes(Buffer.from(text, "utf8")) }),
    base64Decode: (text) => signedBytes(Buffer.from(text, "base64")),
    base64Encode: (bytes) => buffer(bytes).toString("base64"),
    computeHmacSha256Signature: (bytes, key) => signedBytes(crypto.createHmac("sha256", buffer(key)).update(buffer(bytes)).digest()),
  },
  UrlFetchApp: {
    fetch: (address, options) => {
      const status = answers.length > 0 ? answers.shift() : 200;
      if (status === "away") throw new Error("DNS error");
      sent.push({ address, status, headers: options.headers, body: buffer(options.payload).toString("base64") });
      return { getResponseCode: () => status };
    },
  },
};
vm.createContext(world);
vm.runInContext(script, world);
for (const step of plan.steps) {
  answers.splice(0, answers.length, ...(step.answers ?? []));
  if (step.remove) responses.delete(step.remove);
  if (step.response) responses.set(step.response[0], response(...step.response));
  try {
    if (step.run) world[step.run](step.run === "onSubmit" ? { response: responses.get(step.response[0]) } : undefined);
  } catch (error) {
    errors.push(error.message);
  }
}
const waiting = Object.keys(properties).filter((name) => name.startsWith("unsent:"));
process.stdout.write(JSON.stringify({ sent, triggers, errors, waiting }));
