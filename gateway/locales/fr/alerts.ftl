# Alertes, chacune en phrases pour un délégué à la protection des données : ce qui a été vu
# (`alert-<règle>`), à partir de quel nombre on le dit (`.limit`), et ce qu’il faut regarder, avec les
# raisons innocentes (`.look`). Arguments : who (une des formules ci-dessous), count, limit, usual,
# day, time, window, purpose, attribute.

alert-who-officer = L’agent { $officer } ({ $agency })
alert-who-client = Le programme { $client } ({ $agency }), sans nommer d’agent,
alert-window-hour = en une heure
alert-window-day = en un jour
alert-window-four_weeks = en quatre semaines
alert-window-year = en un an
alert-window-run = de suite
alert-window-once = une fois

alert-subjects = { $who } a posé des questions sur { $count } personnes ou entreprises différentes { $window }, jusqu’à { $time } le { $day }.
    .limit = C’est le budget de l’administration : { $limit } { $window }. Les questions sur d’autres ont été arrêtées jusqu’à son renouvellement.
    .look = Si le travail de ce jour explique un tel nombre ; dans ce cas, le budget est peut-être trop petit.
alert-refusals = { $who } a posé des questions sur { $count } personnes ou entreprises différentes { $window } sans que rien ne soit permis, jusqu’à { $time } le { $day }.
    .limit = C’est le budget de l’administration : { $limit } { $window }. Les questions sur d’autres ont été arrêtées jusqu’à son renouvellement.
    .look = Si le programme indique une mauvaise finalité, ou si quelqu’un essaie ce qui est permis.
alert-misses = { $who } a posé des questions sur { $count } numéros { $window } que personne ne porte, jusqu’à { $time } le { $day }.
    .limit = C’est le budget de l’administration : { $limit } { $window }. Les questions sur d’autres ont été arrêtées jusqu’à son renouvellement.
    .look = Si des numéros sont mal saisis, ou essayés.
alert-neighbours = { $who } a posé des questions sur { $count } personnes { $window } dont les numéros sont proches de ceux demandés auparavant, jusqu’à { $time } le { $day }.
    .limit = C’est le budget de l’administration : { $limit } { $window }. Les questions sur d’autres ont été arrêtées jusqu’à son renouvellement.
    .look = Si quelqu’un parcourt les numéros. Les nouveau-nés d’un quartier et d’une semaine ont aussi de tels numéros.
alert-large_scale = { $who } a reçu des données sur { $count } citoyens différents { $window }, jusqu’au { $day }.
    .limit = À partir de { $limit }, le traitement est à grande échelle.
    .look = Si l’analyse d’impact le prévoit.
alert-out_of_hours = { $who } a posé { $count } questions en dehors des heures de bureau le { $day }, la dernière à { $time }.
    .limit = Une alerte est donnée à partir de { $limit } par jour. Les urgences ne comptent pas.
    .look = Si des heures supplémentaires étaient ordonnées, ou si l’administration travaille à ces heures.
alert-volume = { $who } a posé des questions sur { $count } personnes ou entreprises différentes le { $day } jusqu’à { $time } ; un jour ordinaire (médiane de ses quatre dernières semaines), c’est { $usual }.
    .limit = Pour cet agent, une alerte est donnée à partir de { $limit } par jour.
    .look = Si une campagne, une échéance ou l’absence d’un collègue explique ce jour.
alert-one_case = { $who } a posé une question sur la personne ou l’entreprise numéro { $count } d’un seul et même dossier, à { $time } le { $day } ; les agents de l’administration sont comptés ensemble.
    .limit = Une alerte est donnée à partir de { $limit } pour un dossier, en quatre semaines.
    .look = Si le dossier concerne vraiment autant de monde, ou si son numéro sert de laissez-passer.
alert-no_case = { $who } a posé { $count } questions sans dossier le { $day } jusqu’à { $time }, la plupart des questions de ce jour.
    .limit = Une alerte est donnée à partir de { $limit } par jour, quand c’est la plupart des questions.
    .look = S’il y avait des demandes derrière. Une procédure qui n’a pas de dossiers peut être exemptée.
alert-self_lookup = { $who } a posé des questions sur soi-même, { $count } fois le { $day }, la dernière à { $time }.
    .limit = Une alerte est donnée à partir de { $limit } par jour.
    .look = Si un collègue aurait dû s’en charger. Ses propres données se consultent par le portail des citoyens.
alert-household = { $who } a posé { $count } fois des questions sur quelqu’un de son propre ménage le { $day }, la dernière à { $time }.
    .limit = Une alerte est donnée à partir de { $limit } par jour.
    .look = S’il y avait une demande, et pourquoi aucun collègue ne s’en est chargé.
alert-surname = { $who } a posé { $count } fois des questions sur quelqu’un qui porte son nom de famille, qui est rare, le { $day }, la dernière à { $time }.
    .limit = Une alerte est donnée à partir de { $limit } par jour. Les noms courants ne comptent pas.
    .look = S’ils sont parents. Le même nom ne prouve rien à lui seul.
alert-repeated_refusals = { $who } a essuyé { $count } refus le { $day }, le dernier à { $time }.
    .limit = Une alerte est donnée à partir de { $limit } par jour.
    .look = Si le programme est mal réglé, ou si quelqu’un essaie ce qui est permis.
alert-not_found = { $who } a demandé { $count } fois de suite des numéros que personne ne porte, jusqu’à { $time } le { $day }.
    .limit = Une alerte est donnée à partir de { $limit } de suite.
    .look = Si une liste fautive est traitée, ou si des numéros sont essayés.
alert-first_use = { $who } a utilisé la procédure « { $purpose } » le { $day } à { $time }, ce que son administration n’avait pas fait dans les quatre semaines précédentes.
    .limit = Une alerte est donnée la première fois ; { $count } données ont été communiquées.
    .look = Si l’administration a commencé à traiter cette procédure.
alert-first_use_attribute = { $who } a reçu « { $attribute } » pour la procédure « { $purpose } » le { $day } à { $time }, ce que son administration n’avait pas demandé dans les quatre semaines précédentes.
    .limit = Une alerte est donnée la première fois ; { $count } données étaient nouvelles dans cette question.
    .look = Si la procédure en a désormais besoin.
alert-other = { $who } a donné lieu à une alerte de la règle { $rule } le { $day } à { $time }.
    .limit = { $count } ont été comptés ; une alerte est donnée à partir de { $limit }.
    .look = Les inscriptions concernées.

alerts-none = Aucune alerte.
alerts-heading-place = inscription
alerts-heading-time = moment
alerts-heading-state = état
alerts-heading-what = ce qui a été vu
alerts-state-new = nouvelle
alerts-state-in_review = en examen
alerts-state-justified = justifiée
alerts-state-incident = incident
alerts-counts = { $new } nouvelles, { $in_review } en examen, { $justified } justifiées, { $incident } incidents
alerts-more = Il y en a d’autres : --cursor { $cursor }
