/**
 * Posts every response of this Google Form to Usher, signed as https://www.standardwebhooks.com has
 * it. How to set it up: docs/google-forms.md.
 *
 * Script properties (Project Settings > Script Properties):
 *   USHER_URL     the address of the source, such as https://usher.example/hooks/sign-up
 *   USHER_SECRET  its secret, such as whsec_bWFkZSB1cCBzZWNyZXQsIDMyIGNoYXJhY3RlcnMuLi4=
 *   USHER_ALERT   who is told when a response could not be posted; without it, whoever ran install
 */

// before each try, in milliseconds
const PAUSES = [0, 5000, 30000];
// any other refusal would be the same once more
const WORTH_ANOTHER_TRY = [408, 425, 429, 500, 502, 503, 504];

/** Run once, by hand: from then on Google calls postResponse for each response. */
function install() {
  settings_();
  ScriptApp.getProjectTriggers()
    .filter((trigger) => trigger.getHandlerFunction() === 'postResponse')
    .forEach((trigger) => ScriptApp.deleteTrigger(trigger));
  ScriptApp.newTrigger('postResponse').forForm(FormApp.getActiveForm()).onFormSubmit().create();
}

/** Run by hand to try it out, or to post the newest response again: Usher takes it only once. */
function postLatest() {
  const responses = FormApp.getActiveForm().getResponses();
  if (responses.length === 0) throw new Error('The form has no response yet.');
  postResponse({ response: responses[responses.length - 1] });
}

/** Called by Google with each response, an edited one included. */
function postResponse(event) {
  const settings = settings_();
  const form = FormApp.getActiveForm();
  const response = event.response;
  // an edited response has its old id and a new time: it is another event
  const id = response.getId() + '-' + response.getTimestamp().getTime();
  const body = Utilities.newBlob(JSON.stringify(payload_(form, response))).getBytes();
  const said = [];
  for (const pause of PAUSES) {
    if (pause > 0) Utilities.sleep(pause);
    const answer = post_(settings, id, body);
    if (answer.done) return;
    said.push(answer.said);
    if (!answer.worthAnotherTry) break;
  }
  tell_(settings, form, response, said);
  throw new Error('Usher did not take the response: ' + said[said.length - 1]);
}

function settings_() {
  const properties = PropertiesService.getScriptProperties();
  const url = (properties.getProperty('USHER_URL') || '').trim();
  const secret = (properties.getProperty('USHER_SECRET') || '').trim().replace(/^whsec_/, '');
  if (!/^https:\/\//.test(url)) throw new Error('Set the script property USHER_URL to https://...');
  if (!secret) throw new Error('Set the script property USHER_SECRET to the secret, whsec_...');
  return {
    url: url,
    key: Utilities.base64Decode(secret),
    alert: properties.getProperty('USHER_ALERT'),
  };
}

function payload_(form, response) {
  return {
    type: 'form.submitted',
    timestamp: response.getTimestamp().toISOString(),
    data: {
      form: { id: form.getId(), title: form.getTitle() },
      response: {
        id: response.getId(),
        submitted_at: response.getTimestamp().toISOString(),
        // left out where the form collects no addresses
        respondent_email: response.getRespondentEmail() || undefined,
        answers: response.getItemResponses().map(answer_),
      },
    },
  };
}

function answer_(itemResponse) {
  const item = itemResponse.getItem();
  const type = String(item.getType());
  return {
    id: item.getId(),
    title: item.getTitle(),
    type: type,
    value: value_(type, item, itemResponse.getResponse()),
  };
}

/** A text; a list of texts for tick boxes; for a grid, row -> text or list of texts. */
function value_(type, item, given) {
  if (type === 'GRID') return byRow_(item.asGridItem().getRows(), given);
  if (type === 'CHECKBOX_GRID') return byRow_(item.asCheckboxGridItem().getRows(), given);
  if (type === 'FILE_UPLOAD') return given.map((id) => 'https://drive.google.com/open?id=' + id);
  return given;
}

function byRow_(rows, given) {
  const found = {};
  rows.forEach((row, place) => {
    if (given[place]) found[row] = given[place];
  });
  return found;
}

/** One try. A redirect is a refusal: what is signed is meant for this address only. */
function post_(settings, id, body) {
  try {
    const response = UrlFetchApp.fetch(settings.url, {
      method: 'post',
      contentType: 'application/json',
      headers: headers_(settings.key, id, body),
      payload: body,
      followRedirects: false,
      muteHttpExceptions: true,
    });
    const code = response.getResponseCode();
    return {
      done: code >= 200 && code < 300,
      worthAnotherTry: WORTH_ANOTHER_TRY.includes(code),
      said: code + ' ' + response.getContentText().slice(0, 300),
    };
  } catch (error) {
    return { done: false, worthAnotherTry: true, said: String(error) };
  }
}

/** The bytes that are signed are the bytes that are sent. */
function headers_(key, id, body) {
  const seconds = String(Math.floor(Date.now() / 1000));
  const signed = Utilities.newBlob(id + '.' + seconds + '.').getBytes().concat(body);
  const signature = Utilities.computeHmacSha256Signature(signed, key);
  return {
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': 'v1,' + Utilities.base64Encode(signature),
  };
}

function tell_(settings, form, response, said) {
  const to = settings.alert || Session.getEffectiveUser().getEmail();
  const tries = said.map((line, place) => 'Try ' + (place + 1) + ': ' + line);
  MailApp.sendEmail(
    to,
    'Usher did not take a response of "' + form.getTitle() + '"',
    [
      'The response ' + response.getId() + ' could not be posted to Usher.',
      ...tries,
      '',
      'See it in the form: ' + form.getEditUrl() + '#responses',
      'To post the newest response again, run postLatest in the script of the form.',
    ].join('\n')
  );
}
