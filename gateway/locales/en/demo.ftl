# What `motlan demo` says in the terminal.
demo-started = { $registries } registries and a gateway are running ({ $ms } ms).
demo-question = An officer handles case { $case }
demo-question-detail = Purpose: { $purpose } · one question, many registries, nobody is asked for paper
demo-proven = Entry { $index } is in the public log of { $size } entries: signature and proof checked ({ $ms } ms from question to answer).
demo-next = What to try next
demo-next-docs = Read the API:
demo-next-query = Ask about somebody else:
demo-next-verify = Check the whole access log yourself:
demo-next-file = Tokens, personas and fault switches for your own script:
demo-stop = Ctrl-C ends the demonstration; the log stays.

# How answers look in the terminal.
answer-asked-now = { $registry } · asked just now
answer-from-cache = { $registry } · from the cache, { $age } s old
answer-from-cache-stale = { $registry } · from the cache, { $age } s old, stale
answer-nothing = { $registry } · nothing on record
answer-missing = { $registry } gave no answer ({ $problem }): records may be missing
answer-unserved = no registry serves the provinces { $provinces }: records may be missing
answer-logged = Logged as entry { $index } of { $log }.
answer-yes = yes
answer-no = no
