# Qui a consulté mes données : une phrase par inscription, adressée au citoyen qu’elle concerne.
# Arguments des phrases : agency, purposes (titres entre guillemets), attributes, case, basis et
# source (propositions ci-dessous, ou rien), check, day, time.

access-disclosed = Le { $day } à { $time }, { $agency } a reçu les informations suivantes sur vous pour { $purposes }{ $case } : { $attributes }{ $basis }{ $source }.
access-nothing_disclosed = Le { $day } à { $time }, { $agency } a posé une question sur vous pour { $purposes }{ $case } et n’a reçu aucune information{ $basis }.
access-refused = Le { $day } à { $time }, { $agency } a posé une question sur vous pour { $purposes }{ $case } et a essuyé un refus ; aucune information n’a été communiquée.
access-mentioned = Le { $day } à { $time }, une réponse à propos d’une autre personne, adressée à { $agency } pour { $purposes }, vous a mentionné : { $attributes }{ $basis }.
access-checked = Le { $day } à { $time }, { $agency } a fait vérifier { $check } pour { $purposes }{ $case } ; la réponse a été oui, non ou inconnu, sans aucune de vos données{ $basis }.
access-explained = Le { $day } à { $time }, { $agency } a demandé ce que l’on pourrait lui communiquer sur vous pour { $purposes }{ $case } ; rien n’a été consulté ni communiqué.
access-given = Le { $day } à { $time }, un consentement a été donné : { $agency } peut lire les informations suivantes sur vous pour { $purposes } : { $attributes }.
access-withdrawn = Le { $day } à { $time }, le consentement qui permettait à { $agency } de lire vos données pour { $purposes } a été retiré.
access-used_up = Le { $day } à { $time }, { $agency } a utilisé le consentement pour { $purposes } ; il valait pour une seule fois et a pris fin.
access-looked = Le { $day } à { $time }, un délégué à la protection des données a consulté le relevé des lectures de vos données.

access-clause-case = {" "}(dossier { $case })
access-clause-law = {" "}; fondement légal : { $reference }
access-clause-consent = {" "}; selon votre consentement { $reference }
access-clause-vital_interest = {" "}; pour protéger une vie : { $reference }
access-clause-registry = {" "}; demandé aux registres à ce moment
access-clause-cache = {" "}; réponse tirée d’une copie vieille de { $minutes } min au plus
access-clause-mixed = {" "}; réponse tirée en partie d’une copie vieille de { $minutes } min au plus
access-details = { $dataset } ({ $count ->
    [one] un élément
   *[other] { $count } éléments
})
access-more-denied = { $count ->
    [one] Un autre élément demandé a été refusé.
   *[other] { $count } autres éléments demandés ont été refusés.
}
access-more-emergency = Il s’agissait d’une urgence ; un délégué à la protection des données doit l’examiner avant le { $day } à { $time }.
access-acting-parent = Votre parent a agi pour vous.
access-acting-guardian = Votre tuteur a agi pour vous.
access-acting-attorney = Une personne munie de votre procuration a agi pour vous.

access-check-age_at_least = si vous avez atteint un certain âge
access-check-resides_in = si vous résidez dans une zone
access-check-is_married = si vous êtes marié(e)
access-check-is_insured_on = si vous étiez assuré(e) à une date
access-check-owns_parcel_in = si vous possédez un terrain dans une zone
access-check-is_alive = si vous êtes en vie
access-check-is_parent = si une personne qui agit pour vous est votre parent
access-check-is_guardian = si une personne qui agit pour vous est votre tuteur
access-check-is_attorney = si une personne qui agit pour vous a votre procuration
access-check-other = une affirmation à votre sujet
