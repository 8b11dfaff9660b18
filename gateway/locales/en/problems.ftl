# Problem documents and the pages behind their `type`. For each code of motlan_schemas::problem:
# a title, `.detail` (what happened here and what to do), `.cause` and `.remedy` (its page).

problem-malformed_json = The body is not valid JSON
    .detail = The body could not be read as JSON. Correct it and send it again.
    .at = The body is not valid JSON at line { $line }, column { $column }: { $reason }. Correct it and send it again.
    .cause = The gateway reads strict JSON (RFC 8259): UTF-8 text, each key once in an object, and no deep nesting. The body broke one of these rules, so it was not read any further and nothing was looked up.
    .remedy = Build the body with a JSON library rather than by joining strings, and look at the line and column named in the detail. A body that is cut short often comes from a wrong Content-Length.

problem-invalid_query = The question has mistakes
    .detail = { $count ->
        [one] One field of the question is wrong; `errors` says which, why, and what is expected.
       *[other] { $count } fields of the question are wrong; `errors` says which, why, and what is expected.
    }
    .cause = The body is JSON, but it is not a question the gateway can answer: a field is missing, has the wrong form, or names a purpose, dataset or attribute that does not exist. Nothing was decided and no registry was asked.
    .remedy = Go through `errors`: `pointer` is the place in your body (a JSON pointer), `detail` says what is expected and suggests the nearest name. The catalogue at /v1/catalogue lists every dataset and attribute.

problem-body_too_large = The body is too large
    .detail = The body is larger than this call accepts. Ask about fewer subjects or attributes at a time.
    .cause = Every call has a size limit, so that one caller cannot exhaust the gateway for all others. A question needs a few kilobytes at most; the limit is 64 KiB, and 1 MiB for a batch of events.
    .remedy = Split the work: a batch takes up to 1,000 subjects, and several batches can follow one another.

problem-body_timeout = The body did not arrive in time
    .detail = The body did not arrive in time. Send it again in one piece.
    .cause = The headers arrived, but the body came too slowly or not at all. The gateway closes such calls, so that slow connections do not hold it up.
    .remedy = Send the call again. If it happens often, look at the network and at proxies between you and the gateway.

problem-unsupported_media_type = The body must be JSON
    .detail = This call reads `application/json`. Set Content-Type accordingly and send the body as JSON.
    .events = This call reads CloudEvents: `application/cloudevents+json`, `application/cloudevents-batch+json`, or `application/json` with the event’s attributes in `ce-` headers.
    .cause = The Content-Type header is missing or names another format.
    .remedy = Send `Content-Type: application/json` with a JSON body in UTF-8, without compression.

problem-not_found = There is nothing at this address
    .detail = There is nothing at this address. The list of calls is at /docs.
    .cause = The path does not belong to any call of the gateway. Paths are written in lower case, without a slash at the end, and never carry a personal number.
    .remedy = Compare the path with the reference at /docs. Whether a registry knows a person is never told by this problem: that is part of an answer.

problem-method_not_allowed = This address does not take that method
    .detail = This address takes { $allow }. Send the call with that method.
    .cause = The address exists, but the call used another HTTP method. Questions are sent with POST or QUERY, so that their content stays out of addresses and of the logs that record them.
    .remedy = Use a method listed in the Allow header of the response.

problem-token_missing = The call needs a token
    .detail = The call has no bearer token. Send `Authorization: Bearer …` with an access token of your agency.
    .cause = Every call about people is made in the name of an agency, and the token says which one. The Authorization header is missing or does not begin with `Bearer`.
    .remedy = Get an access token from the issuer that your agency is registered with, and send it in the Authorization header. Never put it in the address.

problem-token_invalid = The token is not accepted
    .detail = The token is not accepted here. Get a new access token for this gateway from the issuer.
    .cause = The token is not from the issuer that this gateway trusts, is meant for another service, is not an access token, or has been altered. For safety the response does not say everything; the gateway's own log does.
    .remedy = Check that you ask the right issuer, with this gateway as the audience (`aud`), and that you send the access token rather than an ID token. If it persists, give the operator the `request_id`.

problem-token_expired = The token has run out
    .detail = The token has run out. Get a new access token from the issuer and repeat the call.
    .cause = Access tokens live for a short time. This one is past its end, or your clock and the issuer's differ.
    .remedy = Get a new token shortly before the old one ends (`exp`), and keep your clock synchronised.

problem-issuer_unavailable = Tokens cannot be checked at the moment
    .detail = The issuer's keys cannot be fetched, so no token can be checked. Try again in { $seconds } s.
    .cause = The gateway checks tokens with the public keys of the issuer. It has none that are fresh enough and cannot reach the issuer. It does not let anybody in unchecked.
    .remedy = Nothing is wrong with your call. Repeat it after the time given in Retry-After; the operator is alerted by the readiness check.

problem-insufficient_scope = The token does not allow this call
    .detail = This call needs the scope `{ $scope }`, which the token does not have. Ask the issuer for a token with it.
    .cause = A token carries scopes: `query` for an agency's questions, `audit` for data protection officers, `consent` and `me` for citizens, `changes` for registries. The one this call needs is missing.
    .remedy = Ask the issuer for a token with the scope named in the detail. If your agency is not entitled to it, ask the operator to change the registration.

problem-unknown_client = The client belongs to no agency here
    .detail = The token is genuine, but its client is not registered with any agency at this gateway. Ask the operator to register it.
    .cause = The gateway knows each agency by the clients it registered. The client in this token (`client_id`) is not among them.
    .remedy = Ask the operator of this gateway to add the client to your agency, or use the client that is registered.

problem-nothing_permitted = Nothing of this may be disclosed
    .detail = No attribute of the question may be disclosed to your agency for this purpose. `denied` gives the rule and a way forward for each.
    .cause = Each attribute is decided by itself, before any registry is asked. Here every one was refused, so no registry was asked. The refusal is recorded in the access log, as a disclosure would be.
    .remedy = Read `denied`: each refusal names its reason, its rule and what can be done. The call /v1/queries/explain shows the same decision without asking for the data, and /v1/entitlements lists what your agency may ask for.

problem-registries_unavailable = The registries cannot answer at the moment
    .detail = None of the registries concerned could answer. `datasets` says why for each. Try again in { $seconds } s.
    .cause = The question is permitted, but every registry that holds the answer is out of order, refused, or answered in a way that cannot be trusted.
    .remedy = Repeat the call after the time given in Retry-After. Where `retryable` is false for a dataset, somebody has to mend the registry or its connection first: tell the operator the `request_id`.

problem-registries_timeout = The registries did not answer in time
    .detail = None of the registries concerned answered within the time you allow. `datasets` names them. Allow more time (`deadline_ms`) or try again in { $seconds } s.
    .cause = The registries were asked, but none answered before the deadline of the call.
    .remedy = Repeat the call, with a larger `deadline_ms` where you can wait (up to 30,000). Answers that arrive late are not lost: they may be served from the cache next time.

problem-incomplete_answer = The answer would be incomplete
    .detail = You asked for all or nothing, and a dataset is missing. `datasets` says which and why. Try again in { $seconds } s, or accept partial answers.
    .cause = The question says `"require": "all"`, and at least one permitted dataset could not be obtained. So nothing was disclosed.
    .remedy = Repeat the call later. To get what is available at once, leave `require` out and look at `complete` in the answer.

problem-access_log_unavailable = The access log cannot be written
    .detail = The disclosure could not be recorded in the access log, so nothing was disclosed. Try again in { $seconds } s.
    .changes = The change could not be recorded in the access log, so it is not acknowledged. Send the event again in { $seconds } s.
    .cause = Nothing leaves the gateway before its entry in the access log is safely stored. The log cannot be written at the moment, so every question is refused.
    .remedy = Nothing is wrong with your call. Repeat it after the time given in Retry-After. The operator has to look at the log's storage.

problem-person_missing = The token names no citizen
    .detail = This call is for a citizen about their own data, and the token carries no personal number.
    .cause = Only a token that a citizen got by signing in (claim `personal_id`) may be used here. Tokens of agencies and officers name programs, not citizens.
    .remedy = Sign in again through the citizen portal, or use the calls for agencies.

problem-relation_unverified = Civil status does not show that you may act for this person
    .detail = Whether you are the parent, guardian or attorney was looked up in the registers and could not be confirmed.
    .cause = Acting for another rests on a record, never on a claim: a parent by the birth record of a child who is still a minor, a guardian by the guardianship record, an attorney by the power that the person gave.
    .remedy = If the record is wrong or missing, ask the civil-status office that keeps it to correct it. If a registry was out of reach, try again later.

problem-consent_ended = The consent has ended already
    .detail = The consent is withdrawn, used up or expired, so it cannot be changed any more.
    .cause = A consent leaves the state “given” once and for good.
    .remedy = Nothing can be read by this consent any more. To allow it anew, give a new consent.

problem-reviewed_already = The emergency use is reviewed already
    .detail = Somebody has reviewed this emergency use before; its verdict stands.
    .cause = An emergency use is reviewed once. The review is an entry of the access log, which nobody can change.
    .remedy = Look for the review in the access log by the query id. A verdict that turns out to be wrong is corrected outside the gateway.

problem-review_out_of_order = The alert is not in the state for that step
    .detail = An alert is taken up first (in_review), and then closed once, as justified or as an incident. This one is not where that step begins.
    .cause = Each step of a review is an entry of the access log and follows from the one before. Somebody may have taken the step meanwhile.
    .remedy = Read the list of alerts again and go on from the state that it shows. What turns out wrong after closing is corrected outside the gateway.

problem-erasure_hindered = The person cannot be erased yet
    .detail = Something that is in force or not yet decided needs what the access log knows about this person; see `obstacles`.
    .cause = A consent or a seal is in force, an emergency use or an alert is not reviewed yet, or an order still hides an entry. Erasing now would take away what these rest on.
    .remedy = Settle what `obstacles` names: withdraw the consents or let them end, lift the seal, review the uses and alerts, wait for the end of the order. Then repeat the call.

problem-entry_pruned = The entry is no longer kept
    .detail = This entry was older than the retention policy allows and has been removed. Its hash is still part of the log, and proofs about it still hold.
    .cause = Old entries are removed by a published policy. An entry of the log says up to where, and that this was done.
    .remedy = Read `GET /v1/access-log/retention` for the policy and for the first entry that is kept.

problem-foreign_registry = The token does not speak for this registry
    .detail = The token does not speak for the registry in the address, so it cannot say that a record of it has changed.
    .cause = Only the registry itself may say that its records have changed. The issuer writes into the token for which registry the client speaks (claim `registry`); it is not the one in the address, or no such registry is connected here. Which of the two is not told.
    .remedy = Compare the address with the registry’s id in this gateway’s configuration. If the client should speak for it, have the issuer put that id into the token.

problem-event_replayed = The event was taken before
    .detail = { $count ->
        [one] One event was taken before; `errors` says which. Nothing of this call was done. What was taken is forgotten and in the access log: send it no more.
       *[other] { $count } events were taken before; `errors` says which. Nothing of this call was done. What was taken is forgotten and in the access log: send them no more, and the others of the batch again.
    }
    .cause = An event is known by its source and its id, and is taken once. It came before: perhaps the answer to the first call was lost on its way, or somebody is playing back what they overheard.
    .remedy = If you repeated a call whose answer was lost, there is nothing left to do for these events. A record that has changed again is told of by a new event with an id of its own.

problem-idempotency_conflict = The idempotency key was used for something else
    .detail = The same `Idempotency-Key` came before with another body.
    .cause = The key makes it safe to repeat a call whose answer was lost; it names one call with one body.
    .remedy = Use a fresh key for every new call, and the old one only to repeat the old call unchanged.

problem-index_behind = The list cannot be made yet
    .detail = The index of the access log has not caught up with the log. Try again in { $seconds } s.
    .cause = What is shown has to be complete. The index from which the list is made is behind the access log, for example because it is being made anew.
    .remedy = Repeat the call after the time given in Retry-After. If it goes on for minutes, the operator should look at the gateway’s own log.

problem-budget_exhausted = The budget against harvesting is used up
    .detail = More people were asked about, or more questions were refused, than the agency’s budget allows. Try again in { $seconds } s.
    .cause = Each agency’s file says how many different people an officer may ask about in an hour and a day, and how many refusals and unknown numbers are tolerated. Walking through numbers is stopped by the same counters. The data protection officer has been alerted.
    .remedy = Ask only for the cases at hand. If the work needs more, the agency asks its data protection officer for a larger budget.

problem-rate_limited = Your agency's quota is used up
    .detail = Your agency has used up its quota of calls for now. Try again in { $seconds } s.
    .changes = More changes were told of than this registry may tell of at once. Send the event again in { $seconds } s.
    .cause = Each agency has a quota, agreed with the operator, that keeps the registries usable for all.
    .remedy = Wait for the time given in Retry-After and spread calls evenly. For many subjects at once use a batch. If the quota is too small for your task, ask the operator.

problem-overloaded = The gateway is busy
    .detail = The gateway is handling as many calls as it can. Try again in { $seconds } s.
    .cause = More calls are in progress than the gateway takes at once. It refuses early rather than letting everybody wait.
    .remedy = Repeat the call after the time given in Retry-After, a little later each time.

problem-internal = Something went wrong in the gateway
    .detail = The gateway made a mistake; the call was not at fault. Try again, and if it persists give the operator the request id.
    .cause = An error in the gateway itself. Nothing was disclosed unless a receipt was issued.
    .remedy = Repeat the call. If it fails again, tell the operator the `request_id`: the gateway's log has the details, which are not shown outside.

# The kinds of mistake in JSON.
json-syntax = this is not JSON
json-ended = the text ends too early
json-duplicate_key = the same key stands twice in one object
json-depth = it is nested too deeply
