# What `motlan policy` says in the terminal.
policy-check-good = { $purposes ->
        [one] Une finalité
       *[other] { $purposes } finalités
    } et { $agencies ->
        [one] un organisme
       *[other] { $agencies } organismes
    } dans { $files } fichiers peuvent être chargés ; { $warnings ->
        [0] rien d’inhabituel.
        [one] un point est à regarder.
       *[other] { $warnings } points sont à regarder.
    }
policy-check-bad = { $mistakes ->
        [one] Une erreur
       *[other] { $mistakes } erreurs
    } dans { $files } fichiers ({ $warnings ->
        [one] un avertissement
       *[other] { $warnings } avertissements
    }) : rien n’est chargé tant que les erreurs ne sont pas corrigées.

policy-test-good = { $cases ->
        [one] Le seul cas est vérifié
       *[other] Les { $cases } cas sont vérifiés
    }, et chaque règle qui interdit a un cas qui le montre.
policy-test-bad = { $failed } cas sur { $cases } ont échoué ; { $untested ->
        [one] une règle
       *[other] { $untested } règles
    } sans cas de refus.
policy-test-untested = Aucun cas ne montre que la règle `{ $rule }` refuse quelque chose.

policy-table-changed = Écrit : { $file }
policy-table-same = Inchangé : { $file }

policy-explain-question = { $agency } demande pour « { $purpose } »
policy-explain-basis-law = La finalité repose sur la loi : { $reference }.
policy-explain-basis-consent = La finalité repose sur le consentement du citoyen : { $reference }.
policy-explain-basis-vital_interest = La finalité repose sur l’intérêt vital d’une personne : { $reference }.
policy-explain-permit-law = Peut être lu : { $agency } est chargé de « { $purpose } », qui nécessite cet attribut selon la loi ({ $reference }).
policy-explain-permit-consent = Peut être lu : le citoyen a consenti à ce que { $agency } le lise pour « { $purpose } » ({ $reference }).
policy-explain-permit-vital_interest = Peut être lu : une vie ou une santé est en danger, et { $agency } est chargé de « { $purpose } » ({ $reference }). Un délégué à la protection des données le réexamine.
policy-explain-flag = Fourni d’office : qui lit une partie de cet enregistrement doit voir si la personne est décédée, protégée ou si le dossier est en cours de vérification.
policy-explain-deny-unknown_attribute_for_subject = Ne peut être lu : ce jeu de données décrit l’autre sorte de sujet.
policy-explain-deny-not_mandated = Ne peut être lu : { $agency } n’est pas enregistré comme chargé de « { $purpose } ».
policy-explain-deny-not_in_purpose = Ne peut être lu : « { $purpose } » ne nécessite pas cet attribut.
policy-explain-deny-consent_required = Ne peut être lu : « { $purpose } » repose sur le consentement, et le citoyen n’en a donné aucun.
policy-explain-deny-consent_expired = Ne peut être lu : le consentement du citoyen a expiré ou a été épuisé.
policy-explain-deny-consent_revoked = Ne peut être lu : le citoyen a retiré son consentement.
policy-explain-deny-officer_required = Ne peut être lu : quelqu’un doit répondre de cette lecture, et la question ne nomme aucun agent.
policy-explain-deny-case_required = Ne peut être lu : « { $purpose } » se traite dossier par dossier, et la question n’en nomme aucun.
policy-explain-deny-sealed = Ne peut être lu : les données de cette personne sont spécialement protégées.
policy-explain-deny-forbidden_by_rule = Ne peut être lu : la règle `{ $rule }` l’interdit.
policy-explain-deny-policy_error = Ne peut être lu : les règles n’ont pas pu être évaluées, et ce qui ne peut être décidé est refusé.
policy-explain-rule = règle `{ $rule }`
policy-explain-version = Décidé selon les politiques { $version }. Aucun registre n’a été interrogé et rien n’a été journalisé.
policy-explain-unknown-client = aucun organisme n’a le programme `{ $name }`
policy-explain-unknown-purpose = il n’y a pas de finalité `{ $name }`
policy-explain-nearest = vouliez-vous dire `{ $name }` ?

# Les versions des politiques, et celle qui est en vigueur.
policy-current = { $version } : version actuelle à partir de maintenant.
policy-in-force = La passerelle l’a mise en vigueur et l’a inscrit au journal des accès.
policy-no-gateway = Aucune passerelle ne suit ce dépôt en ce moment ; elle vaudra au prochain démarrage.
policy-silence = La passerelle n’a pas dit en 3 s ce qu’elle en a fait. Consultez /readyz et son journal.
policy-refused = La passerelle refuse la version : { $reason }. Les politiques précédentes restent en vigueur.
policy-base = politiques de la configuration
policy-version = version
policy-first = première mise en vigueur
policy-last = dernière mise en vigueur

# What `motlan policy simulate` says.
policy-simulate-same = { $questions } questions passées ont été décidées à nouveau : le projet { $draft } ne change rien à ce que décide { $version }.
policy-simulate-changed = { $questions } questions passées ont été décidées à nouveau : { $changed } seraient décidées autrement par le projet { $draft } que par { $version } ; { $refused } seraient refusées en entier.
policy-simulate-lost = perdu : { $attributes } – { $reason } (règle `{ $rule }`). Questions : { $questions }, sujets : { $subjects }.
policy-simulate-gained = gagné : { $attributes }. Questions : { $questions }, sujets : { $subjects }.
policy-simulate-otherwise = toujours refusé, pour une autre raison : { $attributes } – { $reason } (règle `{ $rule }`). Questions : { $questions }, sujets : { $subjects }.
policy-simulate-skipped = Entrées que cette version du programme ne comprend pas et qui ont été laissées de côté : { $skipped }.
policy-simulate-time = Rien n’a été changé ni journalisé. Durée : { $seconds } s.
policy-simulate-reason-none = –
policy-simulate-reason-unknown_attribute_for_subject = le jeu de données décrit un autre genre de sujet
policy-simulate-reason-not_mandated = l’organisme ne serait pas chargé de la démarche
policy-simulate-reason-not_in_purpose = la démarche ne le couvrirait pas
policy-simulate-reason-consent_required = un consentement serait nécessaire
policy-simulate-reason-consent_expired = le consentement avait expiré
policy-simulate-reason-consent_revoked = le consentement était retiré
policy-simulate-reason-officer_required = un agent, ou un agent ayant la fonction, devrait être nommé
policy-simulate-reason-case_required = un dossier devrait être nommé
policy-simulate-reason-sealed = les données sont protégées
policy-simulate-reason-forbidden_by_rule = une règle l’interdirait
policy-simulate-reason-policy_error = les règles n’ont pas pu être évaluées
