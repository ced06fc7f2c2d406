/**
 * Sends every response of this form to Assent, signed as Standard Webhooks are, and again until Assent has it.
 *
 * It belongs to the form: open the form, ⋮ › Apps Script, paste it, and follow google_forms.md.
 * What has not been sent is kept as the response's id only: a few dozen bytes, so that answers of any length fit, and none is kept twice.
 * Nobody's address of email is read or sent. An edited response is sent anew, with the time of the edit.
 */

const EVERY_MINUTES = 10;
const UNSENT = "unsent:"; // begins the property of each response that waits
const SWEPT = "sweptUntil"; // up to here every response was sent
const LONGEST_RUN = 4.5 * 60 * 1000; // Google ends a run after six minutes

/** Run once, by hand: it makes the triggers and sends a test. */
function install() {
  const ours = ["onSubmit", "sendUnsent", "sweep"];
  ScriptApp.getProjectTriggers()
    .filter((trigger) => ours.includes(trigger.getHandlerFunction()))
    .forEach((trigger) => ScriptApp.deleteTrigger(trigger));
  ScriptApp.newTrigger("onSubmit").forForm(FormApp.getActiveForm()).onFormSubmit().create();
  ScriptApp.newTrigger("sendUnsent").timeBased().everyMinutes(EVERY_MINUTES).create();
  ScriptApp.newTrigger("sweep").timeBased().everyDays(1).atHour(3).create();
  const status = post(`test-${Date.now()}`, JSON.stringify({ v: 1, test: true }));
  if (!isTaken(status)) throw new Error(`Assent answered ${status} to the test: check ASSENT_ADDRESS and ASSENT_SECRET`);
}

/** Google calls it for each response, and for each edit of one. */
function onSubmit(event) {
  remember(event.response);
  sendWaiting();
}

/** Google calls it every few minutes. It fails where something still waits, so that Google tells the owner of the form. */
function sendUnsent() {
  const waiting = sendWaiting();
  if (waiting > 0) throw new Error(`${waiting} responses wait to be sent to Assent; they are tried again`);
}

/** Google calls it every night: everything since the last one is sent again, whatever the triggers told. Assent drops what it has. */
function sweep() {
  const properties = PropertiesService.getScriptProperties();
  const until = Date.now() + LONGEST_RUN;
  const responses = FormApp.getActiveForm().getResponses(new Date(Number(properties.getProperty(SWEPT) || 0)));
  responses.sort((one, other) => one.getTimestamp() - other.getTimestamp());
  let allSent = true;
  for (const response of responses) {
    if (Date.now() > until) break;
    allSent = sendOne(response.getId()) && allSent;
    if (allSent) properties.setProperty(SWEPT, String(response.getTimestamp().getTime()));
  }
}

/** Note that a response waits, before anything else can go wrong. */
function remember(response) {
  PropertiesService.getScriptProperties().setProperty(UNSENT + response.getId(), String(response.getTimestamp().getTime()));
}

/** Send what waits, the oldest first; answers how many still wait. */
function sendWaiting() {
  const properties = PropertiesService.getScriptProperties();
  const lock = LockService.getScriptLock();
  if (!lock.tryLock(1000)) return 0; // another run is at it; what it does not see is sent by the next
  try {
    const until = Date.now() + LONGEST_RUN;
    const waiting = Object.entries(properties.getProperties()).filter(([name]) => name.startsWith(UNSENT));
    waiting.sort((one, other) => Number(one[1]) - Number(other[1]));
    let left = waiting.length;
    for (const [name, noted] of waiting) {
      if (Date.now() > until) break;
      if (!sendOne(name.slice(UNSENT.length))) continue;
      if (properties.getProperty(name) === noted) properties.deleteProperty(name); // unless it was edited meanwhile
      left -= 1;
    }
    return left;
  } finally {
    lock.releaseLock();
  }
}

/** Send one response; true when Assent has it, or when it has been deleted from the form. */
function sendOne(id) {
  const form = FormApp.getActiveForm();
  const response = responseOf(form, id);
  if (response === null) return true;
  const delivery = `${id}-${response.getTimestamp().getTime()}`.replace(/[^A-Za-z0-9_-]/g, "_"); // the same in every attempt
  const status = post(delivery, bodyOf(form, response));
  if (!isTaken(status)) console.error(`Assent answered ${status} to ${delivery}`);
  return isTaken(status);
}

function responseOf(form, id) {
  try {
    return form.getResponse(id);
  } catch (error) {
    return null;
  }
}

function bodyOf(form, response) {
  const at = response.getTimestamp().toISOString();
  const answers = response.getItemResponses().map(answerOf);
  return JSON.stringify({ v: 1, formId: form.getId(), responseId: response.getId(), submittedAt: at, updatedAt: at, answers });
}

function answerOf(itemResponse) {
  const item = itemResponse.getItem();
  const type = String(item.getType());
  const answer = { itemId: String(item.getId()), title: item.getTitle(), type, value: itemResponse.getResponse() };
  if (type === "GRID") answer.rows = item.asGridItem().getRows();
  if (type === "CHECKBOX_GRID") answer.rows = item.asCheckboxGridItem().getRows();
  return answer;
}

/** Sign and send; answers the HTTP status, or what went wrong before there was one. */
function post(delivery, body) {
  const properties = PropertiesService.getScriptProperties();
  const bytes = Utilities.newBlob(body).getBytes();
  const stamp = String(Math.floor(Date.now() / 1000));
  const key = Utilities.base64Decode(properties.getProperty("ASSENT_SECRET").replace(/^whsec_/, ""));
  const signed = Utilities.newBlob(`${delivery}.${stamp}.`).getBytes().concat(bytes);
  const signature = Utilities.base64Encode(Utilities.computeHmacSha256Signature(signed, key));
  try {
    const answer = UrlFetchApp.fetch(properties.getProperty("ASSENT_ADDRESS"), {
      method: "post",
      contentType: "application/json",
      headers: { "webhook-id": delivery, "webhook-timestamp": stamp, "webhook-signature": `v1,${signature}` },
      payload: bytes,
      muteHttpExceptions: true,
      followRedirects: false,
    });
    return answer.getResponseCode();
  } catch (error) {
    return `no answer (${error.message})`;
  }
}

function isTaken(status) {
  return status >= 200 && status < 300;
}
