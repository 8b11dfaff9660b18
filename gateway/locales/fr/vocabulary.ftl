# The vocabulary's own words: mistakes of a question, reasons of refusal, outcomes of a dataset.

mistake-required = Ce champ est obligatoire.
mistake-unknown_field = Une question n’a pas de tel champ.
    .nearest = Une question n’a pas de tel champ. Vouliez-vous dire `{ $nearest }` ?
mistake-wrong_type = Il faut ici { $expected }.
mistake-subject_form = Donnez un seul sujet : {"{"}"person": "<12 chiffres>"{"}"} ou {"{"}"enterprise": "<10 chiffres>"{"}"}.
mistake-personal_number_length = Un numéro personnel compte exactement 12 chiffres.
mistake-personal_number_digits = Un numéro personnel ne contient que les chiffres 0 à 9.
mistake-personal_number_place = Les trois premiers chiffres doivent être le code d’une province ou d’un pays.
mistake-personal_number_century = Le quatrième chiffre indique le siècle et le sexe ; celui-ci n’est pas utilisé.
mistake-enterprise_code_form = Un code d’entreprise compte 10 chiffres ; une succursale y ajoute un trait d’union et 3 chiffres.
mistake-enterprise_code_check_digit = Le chiffre de contrôle du code d’entreprise est faux ; cherchez une faute de frappe.
mistake-enterprise_code_serial = Le code d’entreprise contient un numéro d’ordre qui n’est jamais attribué.
mistake-empty = Ceci ne doit pas être vide.
mistake-too_long = 64 caractères au plus sont acceptés.
mistake-unprintable = Seuls les caractères imprimables sont acceptés, sans saut de ligne ni caractère de contrôle.
mistake-too_many = { $max } au plus sont acceptés.
mistake-out_of_range = La valeur doit être comprise entre { $min } et { $max }.
mistake-not_one_of = Valeurs acceptées : { $accepted }.
mistake-unknown_purpose = Cette finalité n’existe pas. /v1/entitlements énumère celles de votre organisme.
    .nearest = Cette finalité n’existe pas. Vouliez-vous dire `{ $nearest }` ?
mistake-unknown_attribute = Ce jeu de données ou cet attribut n’existe pas. /v1/catalogue les énumère.
    .nearest = Ce jeu de données ou cet attribut n’existe pas. Vouliez-vous dire `{ $nearest }` ?
mistake-wildcard = Les jokers ne sont pas acceptés. Nommez chaque jeu de données ou attribut dont la procédure a besoin.
mistake-registry_alone = C’est un registre entier. Nommez les jeux de données ou attributs dont la procédure a besoin.

expected-a-string = une chaîne de caractères
expected-a-whole-number = un nombre entier
expected-an-array-of-names = un tableau de noms
expected-an-array-of-subjects = un tableau de sujets
expected-an-object = un objet
expected-a-request-for-a-proof = {"{"}"leaf_index": N{"}"} ou {"{"}"old_size": M, "new_size": N{"}"}

denial-unknown_attribute_for_subject = Ne convient pas au sujet
    .remedy = Les personnes et les entreprises ont des jeux de données différents. Interrogez la bonne sorte de sujet, ou omettez cet attribut.
denial-not_mandated = Procédure non confiée à votre organisme
    .remedy = { $agency } n’est pas enregistré comme chargé de « { $purpose } ». Choisissez une finalité de votre organisme parmi celles de /v1/entitlements, ou demandez à votre délégué à la protection des données ({ $contact }) de faire enregistrer cette mission.
denial-not_in_purpose = Inutile à cette procédure
    .remedy = « { $purpose } » ne couvre pas cet attribut. Omettez-le, ou demandez-le au titre de la procédure qui en a besoin. Si la loi l’exige pour cette procédure, le délégué à la protection des données ({ $contact }) peut proposer d’élargir la finalité.
denial-consent_required = Le consentement du citoyen est nécessaire
    .remedy = « { $purpose } » repose sur le consentement, et le citoyen n’en a donné aucun à { $agency }. Demandez-le-lui, puis répétez la question.
denial-consent_expired = Le consentement est arrivé à terme
    .remedy = Le consentement du citoyen pour « { $purpose } » est arrivé à terme ou a déjà servi. Demandez-lui-en un nouveau, puis répétez la question.
denial-consent_revoked = Le consentement a été retiré
    .remedy = Le citoyen a retiré son consentement pour « { $purpose } ». Respectez ce choix ; la procédure ne peut continuer qu’avec les pièces qu’il fournit, ou après un nouveau consentement.
denial-officer_required = L’agent doit être désigné
    .remedy = « { $purpose } » ne peut être invoqué qu’au nom d’un agent. Envoyez `officer`, ou un jeton délivré à l’agent (`act.sub`).
denial-case_required = Le dossier doit être désigné
    .remedy = « { $purpose } » ne peut être invoqué que pour un dossier précis. Envoyez sa référence dans `case`.
denial-sealed = Données sous protection particulière
    .remedy = Les données de ce sujet sont sous protection particulière. Adressez-vous à votre délégué à la protection des données ({ $contact }), qui connaît la procédure prévue.
denial-forbidden_by_rule = Interdit par une règle
    .remedy = La règle `{ $rule }` l’interdit. Demandez à votre délégué à la protection des données ({ $contact }) ce qu’elle permet.
denial-policy_error = Décision impossible
    .remedy = Les règles n’ont pas pu être évaluées ; rien n’est donc communiqué. C’est une erreur de la passerelle : communiquez l’identifiant de l’appel à l’exploitant.

status-ok = Obtenu
status-not_found = Rien d’inscrit
status-denied = Refusé
status-unavailable = Indisponible

registry-registry_timeout = Le registre n’a pas répondu à temps
registry-registry_down = Le registre est injoignable
registry-registry_refused = Le registre a refusé la demande de la passerelle
registry-registry_malformed = La réponse du registre est incompréhensible
registry-registry_truncated = La réponse du registre était incomplète
registry-registry_wrong_subject = Le registre a répondu au sujet d’une autre personne
