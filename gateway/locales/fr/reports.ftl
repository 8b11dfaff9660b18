# Ce que lisent les délégués à la protection des données : rapports, registre, effacement.

erasure-explanation = Tout ce que le journal disait de cette personne est illisible pour toujours : ses clés sont détruites, et les consentements terminés, les copies en cache et l’index en sont débarrassés. Il reste que quelque chose d’un certain genre s’est produit à un moment sous un pseudonyme, et les empreintes : sans elles, le journal ne prouverait plus rien pour personne. Les copies des clés dans les sauvegardes doivent être détruites aussi.
erasure-obstacle-consent = Un consentement est en vigueur : le citoyen le retire, ou il prend fin.
erasure-obstacle-seal = Les données de la personne sont protégées : levez la protection, ou attendez sa fin.
erasure-obstacle-emergency_use = Un usage d’urgence attend son examen : examinez-le.
erasure-obstacle-alert = Une alerte qui porte sur des inscriptions de la personne est ouverte : classez-la comme justifiée ou comme incident.
erasure-obstacle-hidden = Un ordre cache une inscription à la personne : attendez sa fin.

report-person-title = Rapport d’accès
report-person-sentence = { $entries ->
    [0] Le journal des accès ne contient rien sur cette personne.
    [one] Le journal des accès contient une inscription sur cette personne.
   *[other] Le journal des accès contient { $entries } inscriptions sur cette personne ; { $agencies ->
        [0] aucun organisme n’a interrogé
        [one] un organisme a interrogé
       *[other] { $agencies } organismes ont interrogé
    } ({ $disclosures } réponses, { $refusals } refus), et { $mentions } réponses sur d’autres ont nommé la personne.
}
report-made = Établi le { $time } d’après le journal { $log }
report-recipients = Qui a été informé
report-entries = Tout ce qui s’est passé
report-consents = Consentements
report-rights = Ce que vous pouvez faire
report-retention = Durée de conservation
report-retention-text = Ce que les inscriptions disent des personnes est conservé { $details } mois, les inscriptions elles-mêmes { $entries } mois. Les inscriptions avant le numéro { $first } ne sont plus conservées ; leurs empreintes le sont.
report-erased = Les détails sont effacés.
report-hidden = Caché à la personne jusqu’au { $until }
report-column-time = Date et heure
report-column-what = Ce qui s’est passé
report-column-entry = Inscription
report-column-agency = Organisme
report-column-told = Ce qu’il a appris
report-column-period = Du – au
report-column-state = État
report-counts = { $disclosures } réponses, { $checks } vérifications, { $refusals } refus, { $mentions } mentions
report-right-access = Vous pouvez demander à tout moment qui a consulté vos données : sur le portail des citoyens, ou auprès du délégué à la protection des données.
report-right-consent = Vous pouvez retirer un consentement à tout moment. Dès cet instant, plus rien n’est lu sur son fondement.
report-right-rectification = Ce qu’un registre a d’inexact est corrigé par l’autorité qui tient ce registre ; la passerelle ne conserve pas de données propres.
report-right-erasure = Vous pouvez demander l’effacement de ce que ce journal dit de vous, sauf si une loi ou une affaire en cours en a besoin.
report-right-complaint = Si vous pensez que quelqu’un n’avait pas le droit de consulter, adressez-vous au délégué à la protection des données de l’organisme ou à l’autorité de protection des données. Donnez le numéro de l’inscription.

report-register-title = Registre des traitements
register-lead = Établi d’après les règles de la version { $version }.
register-controllers = Responsables
register-purposes = Finalités
register-measures = Mesures de sécurité
register-sources = D’où viennent les données
register-transfers = Aucune donnée ne quitte le pays.
register-column-controller = Responsable
register-column-contact = Délégué à la protection des données
register-column-purposes = Finalités
register-column-purpose = Finalité
register-column-basis = Base légale
register-column-data = Données
register-column-recipients = Destinataires
register-column-days = Conservation par l’organisme, jours
register-column-registry = Registre
register-column-datasets = Jeux de données
register-measure-log = Chaque communication, refus ou consultation est inscrit dans un journal vérifiable par tous, avant que rien ne parte.
register-measure-purpose = Ce qu’une finalité ne couvre pas est refusé avant qu’un registre soit interrogé.
register-measure-sealed = Ce que le journal dit des personnes est chiffré sous une clé par personne et par mois, qui peut être détruite.
register-measure-pseudonyms = Les personnes figurent au journal sous des pseudonymes à clé ; aucun numéro personnel ne figure dans une adresse, une ligne technique ou une mesure.
register-measure-tokens = Programmes et agents sont admis par des jetons signés de courte durée, sur TLS.
register-measure-budgets = Des budgets limitent le nombre de personnes qu’un programme ou un agent peut interroger, et des alertes signalent les anomalies.
register-measure-consent = Les consentements sont vérifiés à chaque usage ; un retrait agit dès la demande suivante.
register-measure-review = Les usages d’urgence et les alertes sont examinés par un délégué à la protection des données, et chaque examen est inscrit.

reconciliation-agree = { $registry } a compté { $theirs } requêtes ; le journal des accès en connaît { $ours } ({ $failures } échecs). Les comptes concordent.
reconciliation-registry_counts_more = { $registry } a compté { $theirs } requêtes, { $difference } de plus que le journal des accès n’en explique ({ $ours } requêtes, { $failures } échecs) : quelqu’un a peut-être interrogé sans passer par le journal.
reconciliation-registry_counts_fewer = { $registry } a compté { $theirs } requêtes, { $difference } de moins que n’en connaît le journal des accès ({ $ours } requêtes, { $failures } échecs) : consultez le journal du registre.
