// Runs docs/google-forms.gs with stand-ins for Google's objects, on the JSON of standard input:
//   {"call": function, "properties": {}, "form": {}, "responses": [], "answers": [status or "down"]}
// and prints what it did: {"posts", "mails", "pauses", "triggers", "error"}. Bytes are signed, -128
// to 127, as Google has them.
const crypto = require('node:crypto');
const fs = require('node:fs');
const vm = require('node:vm');

const scene = JSON.parse(fs.readFileSync(0, 'utf8'));
const did = { posts: [], mails: [], pauses: [], triggers: [], error: null };
const signed = (buffer) => [...buffer].map((byte) => (byte > 127 ? byte - 256 : byte));
const buffer = (bytes) => Buffer.from(bytes.map((byte) => byte & 0xff));
const onlyBytes = (value) => {
  if (!Array.isArray(value) || value.some((byte) => !(byte >= -128 && byte <= 127)))
    throw new Error('not a list of signed bytes');
  return value;
};

const Utilities = {
  newBlob: (text) => ({ getBytes: () => signed(Buffer.from(text, 'utf8')) }),
  base64Decode: (text) => signed(Buffer.from(text, 'base64')),
  base64Encode: (bytes) => buffer(onlyBytes(bytes)).toString('base64'),
  computeHmacSha256Signature: (value, key) =>
    signed(
      crypto.createHmac('sha256', buffer(onlyBytes(key))).update(buffer(onlyBytes(value))).digest()
    ),
  sleep: (milliseconds) => did.pauses.push(milliseconds),
};

const UrlFetchApp = {
  fetch: (url, options) => {
    const body = buffer(onlyBytes(options.payload)).toString('base64');
    did.posts.push({ url, ...options, payload: body });
    const answer = scene.answers[did.posts.length - 1];
    if (answer === 'down') throw new Error('Address unavailable: ' + url);
    return { getResponseCode: () => answer, getContentText: () => `said ${answer}` };
  },
};

const itemResponse = (answer) => ({
  getItem: () => ({
    getId: () => answer.id,
    getTitle: () => answer.title,
    getType: () => ({ toString: () => answer.type }),
    asGridItem: () => ({ getRows: () => answer.rows }),
    asCheckboxGridItem: () => ({ getRows: () => answer.rows }),
  }),
  getResponse: () => answer.response,
});
const response = (given) => ({
  getId: () => given.id,
  getTimestamp: () => new Date(given.at),
  getRespondentEmail: () => given.email,
  getItemResponses: () => given.answers.map(itemResponse),
});
const responses = (scene.responses ?? []).map(response);
const form = {
  getId: () => scene.form.id,
  getTitle: () => scene.form.title,
  getEditUrl: () => 'https://docs.google.com/forms/d/' + scene.form.id + '/edit',
  getResponses: () => responses,
};

const trigger = (name) => ({ getHandlerFunction: () => name });
let triggers = (scene.triggers ?? []).map(trigger);
const ScriptApp = {
  getProjectTriggers: () => [...triggers],
  deleteTrigger: (gone) => (triggers = triggers.filter((one) => one !== gone)),
  newTrigger: (name) => ({
    forForm: () => ({ onFormSubmit: () => ({ create: () => triggers.push(trigger(name)) }) }),
  }),
};

const world = vm.createContext({
  Utilities,
  UrlFetchApp,
  ScriptApp,
  FormApp: { getActiveForm: () => form },
  PropertiesService: {
    getScriptProperties: () => ({ getProperty: (name) => scene.properties[name] ?? null }),
  },
  Session: { getEffectiveUser: () => ({ getEmail: () => 'owner@school.example' }) },
  MailApp: { sendEmail: (to, subject, text) => did.mails.push({ to, subject, text }) },
});
vm.runInContext(fs.readFileSync('docs/google-forms.gs', 'utf8'), world);
try {
  world[scene.call]({ response: responses[0], source: form });
} catch (error) {
  did.error = error.message;
}
did.triggers = triggers.map((one) => one.getHandlerFunction());
console.log(JSON.stringify(did));
