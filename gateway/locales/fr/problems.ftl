# Problem documents and the pages behind their `type`. For each code of motlan_schemas::problem:
# a title, `.detail` (what happened here and what to do), `.cause` and `.remedy` (its page).

problem-malformed_json = Le corps n’est pas du JSON valide
    .detail = Le corps n’a pas pu être lu comme du JSON. Corrigez-le, puis renvoyez-le.
    .at = Le corps n’est pas du JSON valide à la ligne { $line }, colonne { $column } : { $reason }. Corrigez-le, puis renvoyez-le.
    .cause = La passerelle lit du JSON strict (RFC 8259) : texte en UTF-8, chaque clé une seule fois par objet, pas d’imbrication profonde. Le corps enfreint l’une de ces règles ; la lecture s’est arrêtée là et rien n’a été consulté.
    .remedy = Construisez le corps avec une bibliothèque JSON plutôt qu’en assemblant des chaînes, et regardez la ligne et la colonne indiquées. Un corps tronqué vient souvent d’un Content-Length erroné.

problem-invalid_query = La question contient des erreurs
    .detail = { $count ->
        [one] Un champ de la question est incorrect ; `errors` indique lequel, pourquoi, et ce qui est attendu.
       *[other] { $count } champs de la question sont incorrects ; `errors` indique lesquels, pourquoi, et ce qui est attendu.
    }
    .cause = Le corps est du JSON, mais pas une question à laquelle la passerelle puisse répondre : un champ manque, a une mauvaise forme, ou nomme une finalité, un jeu de données ou un attribut qui n’existe pas. Rien n’a été décidé et aucun registre n’a été interrogé.
    .remedy = Parcourez `errors` : `pointer` est l’endroit dans votre corps (pointeur JSON), `detail` dit ce qui est attendu et propose le nom le plus proche. Le catalogue /v1/catalogue énumère tous les jeux de données et attributs.

problem-body_too_large = Le corps est trop volumineux
    .detail = Le corps dépasse la taille acceptée par cet appel. Demandez moins de personnes ou d’attributs à la fois.
    .cause = Chaque appel a une taille maximale, afin qu’aucun appelant n’épuise la passerelle au détriment des autres. Une question ne demande que quelques kilo-octets ; la limite est de 64 Kio, et de 1 Mio pour un lot d’événements.
    .remedy = Répartissez le travail : un lot accepte jusqu’à 1 000 sujets, et plusieurs lots peuvent se suivre.

problem-body_timeout = Le corps n’est pas arrivé à temps
    .detail = Le corps n’est pas arrivé à temps. Renvoyez-le d’un seul tenant.
    .cause = Les en-têtes sont arrivés, mais le corps est venu trop lentement ou pas du tout. La passerelle ferme ces appels pour que des connexions lentes ne la retiennent pas.
    .remedy = Renvoyez l’appel. Si cela se répète, examinez le réseau et les serveurs intermédiaires.

problem-unsupported_media_type = Le corps doit être en JSON
    .detail = Cet appel lit `application/json`. Indiquez-le dans Content-Type et envoyez le corps en JSON.
    .events = Cet appel lit des CloudEvents : `application/cloudevents+json`, `application/cloudevents-batch+json`, ou `application/json` avec les attributs de l’événement dans des en-têtes `ce-`.
    .cause = L’en-tête Content-Type manque ou nomme un autre format.
    .remedy = Envoyez `Content-Type: application/json` avec un corps JSON en UTF-8, sans compression.

problem-not_found = Il n’y a rien à cette adresse
    .detail = Il n’y a rien à cette adresse. La liste des appels se trouve à /docs.
    .cause = Le chemin ne correspond à aucun appel de la passerelle. Les chemins s’écrivent en minuscules, sans barre finale, et ne contiennent jamais de numéro personnel.
    .remedy = Comparez le chemin avec la documentation /docs. Ce problème ne dit jamais si un registre connaît une personne : cela fait partie d’une réponse.

problem-method_not_allowed = Cette adresse n’accepte pas cette méthode
    .detail = Cette adresse accepte { $allow }. Envoyez l’appel avec cette méthode.
    .cause = L’adresse existe, mais l’appel a utilisé une autre méthode HTTP. Les questions s’envoient par POST ou QUERY, afin que leur contenu reste hors des adresses et des journaux qui les enregistrent.
    .remedy = Utilisez une méthode citée dans l’en-tête Allow de la réponse.

problem-token_missing = L’appel exige un jeton
    .detail = L’appel n’a pas de jeton. Envoyez `Authorization: Bearer …` avec un jeton d’accès de votre organisme.
    .cause = Tout appel concernant des personnes se fait au nom d’un organisme, que le jeton désigne. L’en-tête Authorization manque ou ne commence pas par `Bearer`.
    .remedy = Obtenez un jeton d’accès auprès de l’émetteur où votre organisme est enregistré et envoyez-le dans l’en-tête Authorization. Ne le mettez jamais dans l’adresse.

problem-token_invalid = Le jeton n’est pas accepté
    .detail = Le jeton n’est pas accepté ici. Obtenez de l’émetteur un nouveau jeton d’accès destiné à cette passerelle.
    .cause = Le jeton ne vient pas de l’émetteur auquel cette passerelle fait confiance, est destiné à un autre service, n’est pas un jeton d’accès ou a été modifié. Par prudence, la réponse ne dit pas tout ; le journal de la passerelle le dit.
    .remedy = Vérifiez que vous interrogez le bon émetteur, avec cette passerelle pour destinataire (`aud`), et que vous envoyez le jeton d’accès et non un jeton d’identité. Si cela persiste, communiquez le `request_id` à l’exploitant.

problem-token_expired = Le jeton a expiré
    .detail = Le jeton a expiré. Obtenez un nouveau jeton d’accès auprès de l’émetteur et répétez l’appel.
    .cause = Les jetons d’accès ont une vie courte. Celui-ci est arrivé à terme, ou votre horloge diffère de celle de l’émetteur.
    .remedy = Renouvelez le jeton peu avant son terme (`exp`) et gardez votre horloge synchronisée.

problem-issuer_unavailable = Les jetons ne peuvent pas être vérifiés pour le moment
    .detail = Les clés de l’émetteur sont inaccessibles ; aucun jeton ne peut être vérifié. Réessayez dans { $seconds } s.
    .cause = La passerelle vérifie les jetons avec les clés publiques de l’émetteur. Elle n’en a pas d’assez récentes et ne peut pas le joindre. Elle ne laisse passer personne sans vérification.
    .remedy = Votre appel est correct. Répétez-le après le délai indiqué dans Retry-After ; l’exploitant est averti par le contrôle de disponibilité.

problem-insufficient_scope = Le jeton ne permet pas cet appel
    .detail = Cet appel exige la portée `{ $scope }`, que le jeton n’a pas. Demandez à l’émetteur un jeton qui l’inclut.
    .cause = Un jeton porte des portées : `query` pour les questions d’un organisme, `audit` pour les délégués à la protection des données, `consent` et `me` pour les citoyens, `changes` pour les registres. Celle qu’exige cet appel manque.
    .remedy = Demandez un jeton avec la portée indiquée dans le détail. Si votre organisme n’y a pas droit, demandez à l’exploitant de modifier l’enregistrement.

problem-unknown_client = Le client n’appartient à aucun organisme ici
    .detail = Le jeton est authentique, mais son client n’est enregistré pour aucun organisme de cette passerelle. Demandez à l’exploitant de l’enregistrer.
    .cause = La passerelle reconnaît chaque organisme aux clients qu’il a enregistrés. Le client de ce jeton (`client_id`) n’en fait pas partie.
    .remedy = Demandez à l’exploitant de cette passerelle d’ajouter le client à votre organisme, ou utilisez le client enregistré.

problem-nothing_permitted = Rien de cela ne peut être communiqué
    .detail = Aucun attribut de la question ne peut être communiqué à votre organisme pour cette finalité. `denied` donne pour chacun la règle et la marche à suivre.
    .cause = Chaque attribut est examiné séparément, avant que tout registre soit interrogé. Ici, tous ont été refusés ; aucun registre n’a donc été interrogé. Le refus est inscrit au journal des accès, comme le serait une communication.
    .remedy = Lisez `denied` : chaque refus donne son motif, sa règle et ce que l’on peut faire. L’appel /v1/queries/explain montre la même décision sans demander les données, et /v1/entitlements énumère ce que votre organisme peut demander.

problem-registries_unavailable = Les registres ne peuvent pas répondre pour le moment
    .detail = Aucun des registres concernés n’a pu répondre. `datasets` dit pourquoi pour chacun. Réessayez dans { $seconds } s.
    .cause = La question est permise, mais tous les registres qui détiennent la réponse sont en panne, ont refusé, ou ont répondu d’une manière à laquelle on ne peut se fier.
    .remedy = Répétez l’appel après le délai indiqué dans Retry-After. Si `retryable` est faux pour un jeu de données, le registre ou sa liaison doivent d’abord être réparés : communiquez le `request_id` à l’exploitant.

problem-registries_timeout = Les registres n’ont pas répondu à temps
    .detail = Aucun des registres concernés n’a répondu dans le délai que vous accordez. `datasets` les nomme. Accordez plus de temps (`deadline_ms`) ou réessayez dans { $seconds } s.
    .cause = Les registres ont été interrogés, mais aucun n’a répondu avant l’échéance de l’appel.
    .remedy = Répétez l’appel, avec un `deadline_ms` plus grand si vous pouvez attendre (jusqu’à 30 000). Les réponses tardives ne sont pas perdues : elles peuvent être servies du cache la fois suivante.

problem-incomplete_answer = La réponse serait incomplète
    .detail = Vous avez demandé tout ou rien, et un jeu de données manque. `datasets` dit lequel et pourquoi. Réessayez dans { $seconds } s, ou acceptez une réponse partielle.
    .cause = La question dit `"require": "all"`, et au moins un jeu de données permis n’a pu être obtenu. Rien n’a donc été communiqué.
    .remedy = Répétez l’appel plus tard. Pour recevoir aussitôt ce qui est disponible, omettez `require` et regardez `complete` dans la réponse.

problem-access_log_unavailable = Le journal des accès ne peut pas être écrit
    .detail = La communication n’a pas pu être inscrite au journal des accès ; rien n’a donc été communiqué. Réessayez dans { $seconds } s.
    .changes = Le changement n’a pas pu être inscrit au journal des accès ; il n’est donc pas confirmé. Renvoyez l’événement dans { $seconds } s.
    .cause = Rien ne quitte la passerelle avant que l’inscription au journal des accès soit durablement enregistrée. Le journal ne peut pas être écrit pour le moment ; toute question est donc refusée.
    .remedy = Votre appel est correct. Répétez-le après le délai indiqué dans Retry-After. L’exploitant doit examiner le stockage du journal.

problem-person_missing = Le jeton ne désigne aucun citoyen
    .detail = Cet appel est réservé au citoyen pour ses propres données, et le jeton ne porte aucun numéro personnel.
    .cause = Seul un jeton obtenu par un citoyen en s’identifiant (champ `personal_id`) est accepté ici. Les jetons des organismes et des agents désignent des programmes, non des citoyens.
    .remedy = Identifiez-vous de nouveau par le portail des citoyens, ou utilisez les appels destinés aux organismes.

problem-relation_unverified = L’état civil ne montre pas que vous pouvez agir pour cette personne
    .detail = La qualité de parent, de tuteur ou de mandataire a été cherchée dans les registres et n’a pas pu être confirmée.
    .cause = Agir pour autrui repose sur un acte, jamais sur une affirmation : le parent par l’acte de naissance d’un enfant encore mineur, le tuteur par l’acte de tutelle, le mandataire par la procuration que la personne a donnée.
    .remedy = Si l’acte est faux ou absent, demandez sa rectification au service d’état civil qui le tient. Si un registre était injoignable, réessayez plus tard.

problem-consent_ended = Le consentement a déjà pris fin
    .detail = Le consentement est retiré, épuisé ou expiré ; il ne peut plus être modifié.
    .cause = Un consentement quitte l’état « donné » une seule fois et pour toujours.
    .remedy = Plus rien ne peut être lu par ce consentement. Pour autoriser à nouveau, donnez un nouveau consentement.

problem-reviewed_already = Cet usage d’urgence a déjà été examiné
    .detail = Quelqu’un a déjà examiné cet usage d’urgence ; son avis demeure.
    .cause = Un usage d’urgence est examiné une seule fois. L’examen est une inscription au journal des accès, que personne ne peut modifier.
    .remedy = Cherchez l’examen dans le journal des accès par l’identifiant de la question. Un avis qui s’avère erroné se corrige en dehors de la passerelle.

problem-review_out_of_order = L’alerte n’est pas dans l’état qui permet cette étape
    .detail = Une alerte est d’abord prise en charge (in_review), puis close une seule fois, comme justifiée (justified) ou comme incident (incident). Celle-ci n’est pas dans l’état où cette étape commence.
    .cause = Chaque étape d’un examen est une inscription au journal des accès et suit la précédente. Quelqu’un a pu la franchir entre-temps.
    .remedy = Relisez la liste des alertes et continuez à partir de l’état qu’elle indique. Ce qui s’avère erroné après la clôture se corrige en dehors de la passerelle.

problem-erasure_hindered = La personne ne peut pas encore être effacée
    .detail = Ce que le journal des accès sait de cette personne sert encore à quelque chose qui est en vigueur ou qui n’est pas tranché ; voir `obstacles`.
    .cause = Un consentement ou une protection est en vigueur, un usage d’urgence ou une alerte n’est pas encore examiné, ou un ordre cache encore une inscription. Effacer maintenant leur ôterait leur fondement.
    .remedy = Réglez ce que nomme `obstacles` : retirez les consentements ou attendez leur fin, levez la protection, examinez les usages et les alertes, attendez la fin de l’ordre. Répétez ensuite l’appel.

problem-entry_pruned = L’inscription n’est plus conservée
    .detail = Cette inscription avait dépassé la durée de conservation et a été supprimée. Son empreinte fait toujours partie du journal, et les preuves à son sujet restent valables.
    .cause = Les inscriptions anciennes sont supprimées selon une politique publiée. Une inscription du journal dit jusqu’où, et que cela a été fait.
    .remedy = Consultez `GET /v1/access-log/retention` pour connaître la politique et la première inscription conservée.

problem-foreign_registry = Le jeton ne parle pas au nom de ce registre
    .detail = Le jeton ne parle pas au nom du registre de l’adresse ; il ne peut donc pas annoncer qu’une de ses fiches a changé.
    .cause = Seul le registre lui-même peut annoncer que ses fiches ont changé. L’émetteur inscrit dans le jeton au nom de quel registre parle le client (champ `registry`) ; ce n’est pas celui de l’adresse, ou aucun registre de ce nom n’est raccordé ici. Lequel des deux n’est pas dit.
    .remedy = Comparez l’adresse à l’identifiant du registre dans la configuration de cette passerelle. Si le client doit parler en son nom, faites inscrire cet identifiant dans le jeton par l’émetteur.

problem-event_replayed = L’événement a déjà été pris en compte
    .detail = { $count ->
        [one] Un événement a déjà été pris en compte ; `errors` dit lequel. Rien de cet appel n’a été fait. Ce qui a été pris en compte est oublié et inscrit au journal des accès : ne l’envoyez plus.
       *[other] { $count } événements ont déjà été pris en compte ; `errors` dit lesquels. Rien de cet appel n’a été fait. Ce qui a été pris en compte est oublié et inscrit au journal des accès : ne les envoyez plus, et renvoyez les autres du lot.
    }
    .cause = Un événement se reconnaît à sa source et à son identifiant, et n’est pris en compte qu’une fois. Il est déjà arrivé : la réponse au premier appel s’est peut-être perdue, ou quelqu’un rejoue ce qu’il a intercepté.
    .remedy = Si vous avez répété un appel dont la réponse s’était perdue, il ne reste rien à faire pour ces événements. Une fiche qui change de nouveau s’annonce par un nouvel événement avec son propre identifiant.

problem-idempotency_conflict = La clé d’idempotence a servi à autre chose
    .detail = La même clé `Idempotency-Key` est déjà arrivée avec un autre corps.
    .cause = La clé permet de répéter sans risque un appel dont la réponse s’est perdue ; elle désigne un seul appel avec un seul corps.
    .remedy = Prenez une clé neuve pour chaque nouvel appel, et l’ancienne seulement pour répéter l’ancien appel tel quel.

problem-index_behind = La liste ne peut pas encore être établie
    .detail = L’index du journal des accès n’a pas rattrapé le journal. Réessayez dans { $seconds } s.
    .cause = Ce qui est montré doit être complet. L’index d’où vient la liste est en retard sur le journal des accès, par exemple parce qu’il est en cours de reconstruction.
    .remedy = Répétez l’appel après le délai indiqué dans Retry-After. Si cela dure plusieurs minutes, l’exploitant doit consulter le journal technique de la passerelle.

problem-budget_exhausted = Le budget contre la collecte massive est épuisé
    .detail = Plus de personnes ont été demandées, ou plus de questions refusées, que le budget de l’organisme ne le permet. Réessayez dans { $seconds } s.
    .cause = Le fichier de chaque organisme dit sur combien de personnes différentes un agent peut interroger par heure et par jour, et combien de refus et de numéros inconnus sont tolérés. Les mêmes compteurs arrêtent qui parcourt les numéros. Le délégué à la protection des données est alerté.
    .remedy = N’interrogez que pour les dossiers en cours. Si le travail l’exige, l’organisme demande un budget plus grand à son délégué à la protection des données.

problem-rate_limited = Le quota de votre organisme est épuisé
    .detail = Votre organisme a épuisé son quota d’appels pour l’instant. Réessayez dans { $seconds } s.
    .changes = Ce registre a annoncé plus de changements qu’il ne peut en annoncer à la fois. Renvoyez l’événement dans { $seconds } s.
    .cause = Chaque organisme a un quota, convenu avec l’exploitant, qui garde les registres utilisables par tous.
    .remedy = Attendez le délai indiqué dans Retry-After et répartissez les appels. Pour beaucoup de sujets à la fois, utilisez un lot. Si le quota ne suffit pas à votre mission, parlez-en à l’exploitant.

problem-overloaded = La passerelle est occupée
    .detail = La passerelle traite autant d’appels qu’elle le peut. Réessayez dans { $seconds } s.
    .cause = Plus d’appels sont en cours que la passerelle n’en accepte à la fois. Elle refuse tôt plutôt que de faire attendre tout le monde.
    .remedy = Répétez l’appel après le délai indiqué dans Retry-After, en attendant chaque fois un peu plus.

problem-internal = La passerelle a rencontré une erreur
    .detail = La passerelle a commis une erreur ; l’appel n’est pas en cause. Réessayez et, si cela persiste, communiquez l’identifiant de l’appel à l’exploitant.
    .cause = Une erreur de la passerelle elle-même. Rien n’a été communiqué, sauf si un reçu a été délivré.
    .remedy = Répétez l’appel. S’il échoue encore, communiquez le `request_id` à l’exploitant : le journal de la passerelle contient les détails, qui ne sont pas montrés à l’extérieur.

# The kinds of mistake in JSON.
json-syntax = ce n’est pas du JSON
json-ended = le texte s’arrête trop tôt
json-duplicate_key = la même clé figure deux fois dans un objet
json-depth = l’imbrication est trop profonde
