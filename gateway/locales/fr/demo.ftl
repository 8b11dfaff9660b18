# Ce que dit `motlan demo` dans le terminal.
demo-started = { $registries } registres et une passerelle fonctionnent ({ $ms } ms).
demo-question = Un agent traite le dossier { $case }
demo-question-detail = Finalité : { $purpose } · une question, plusieurs registres, aucun papier demandé au citoyen
demo-proven = L’entrée { $index } figure dans le journal public de { $size } entrées : signature et preuve vérifiées ({ $ms } ms de la question à la réponse).
demo-next = À essayer ensuite
demo-next-docs = Lire l’API :
demo-next-query = Poser une question sur une autre personne :
demo-next-verify = Vérifier vous-même tout le journal des accès :
demo-next-file = Jetons, personnages et pannes simulées pour votre propre script :
demo-stop = Ctrl-C met fin à la démonstration ; le journal reste.

# Les réponses dans le terminal.
answer-asked-now = { $registry } · interrogé à l’instant
answer-from-cache = { $registry } · du cache, il y a { $age } s
answer-from-cache-stale = { $registry } · du cache, il y a { $age } s, périmé
answer-nothing = { $registry } · rien d’enregistré
answer-missing = { $registry } n’a pas répondu ({ $problem }) : des enregistrements peuvent manquer
answer-unserved = aucun registre ne tient les provinces { $provinces } : des enregistrements peuvent manquer
answer-logged = Inscrit comme entrée { $index } de { $log }.
answer-yes = oui
answer-no = non
