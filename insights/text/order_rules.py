"""What gives an order to a language model away: the rules that `orders` looks for.

Ours, written by hand; no row and no list of phrases was copied. A rule is a line of steps: each a word, words with |
between, or a list of `order_words` in capitals; a trailing * stands for any ending. ~3 lets up to three words stand
before the next step; none of them is a full stop. ^ wants the first step at the head of a clause, where a word such as
"please" may stand before it, ^^ where none may; $ the last at a clause's end. Accents and case do not matter. English,
German, Spanish, French, Italian, Portuguese and Dutch; of some others the plainest orders, in `order_disguises`.

What people say to each other is left alone: "ignore my previous message", "can you explain your rules?", "imagine you
are a customer", "please give this the highest priority", "we can't do anything now".
"""

ALONE = """
DROP ~4 PRIOR ~3 ORDERS
^ DROP ~4 PRIOR ~3 RULES
^ DROP ~2 ORDERS|RULES ~3 PRIOR|BEFORE
^ DROP ~2 ALL ~2 ORDERS|RULES
^ DROP ORDERS|RULES $
^ DROP ~1 EVERYTHING ~4 PRIOR|BEFORE
^ DROP ~3 PRIOR ~3 and|und|y|et|e|en|instead ~2 SAY
^ DROP ~5 and|und|y|et|e|en|dan ~1 SAY ~1 :|"|that|dass|que
^ DROP all ~1 provided|given ~1 context|documents|articles|information
^ override|overrule|bypass|discard ~2 your|all ~2 ORDERS|programming|training
PRIOR ~2 ORDERS|RULES ~2 DROP_LAST
obig*|zuvor ~2 DROP_LAST
^ höre|hör nicht ~1 auf ~3 gesagte|gesagtes|ORDERS
^ do|don't|dont not|follow ~2 PRIOR|your ~3 ORDERS
^ DROP|drop|leave|abandon|laisse|lascia|deja|deixa|laat OWN ~1 TASK
^ beachte|befolge|beachten|befolgen ~2 ORDERS ~3 nicht
^ ne tiens|tenez pas|plus compte ~3 ORDERS|dit|précède*
^ non|não ~2 conto|considere ~3 ORDERS
your new|real|actual|only ~1 task|job|purpose|goal|mission is ~1 to|:
^ do the opposite of what you
contrary|abweichend|deviating ~2 PRIOR ~1 ORDERS
new|neue|nuevas|nouvelles|nuove|novas|nieuwe ORDERS :
change your ~1 instructions|prompt|programming to|:

who|that built|created|programmed you
^ act|behave as|like a|an|my|the|dan|aim|MODEL_NAME|gpt*
want|need|like you ~2 ACT as|like|to|that|a|an
you ~1 WILL ~3 act|behave as|like
you ~1 WILL ~3 pretend|roleplay|impersonate|immerse|simulate
^ simulate a|an|the|being ~3 MACHINE|conversation|dialogue
from now|here on|onwards|onward ~6 act|roleplay|speak|pretend|output|MODEL_NAME|prompt|prompts
from now|here on|onwards|onward ~6 answer|respond|reply ~3 as|like|only|with
from this moment|point on|onwards|onward|forward ~6 act|answer|respond|reply|speak|roleplay|pretend|embody
you are|re now ~3 MACHINE
you're now ~3 MACHINE
now you are|re ~3 MACHINE
you are|re ~1 to act
you are|re a|an|the ~4 ai|artificial ~1 system|model|entity|assistant|language|intelligence
stay|remain|staying in character
never|without|not|don't break|breaking character $
assume|adopt|embody ~1 the|a ~2 persona|personality|character of|named|called
^ take ~2 the|a ~2 persona|personality of
^ play the role of
immerse yourself ~2 role|character|persona
play|playing|portray ~2 character|role named|called
dan|dans|stands|stand|means|meaning ~6 anything now
" do anything now
do anything now bot|mode|ai
dan|jailbreak|god mode output|enabled|activated
developer mode output
jailbreak|jailbroken|unjailbroken prompt|prompts|mode|chatgpt|gpt*
hello|hi|hey|dear|greetings MODEL_NAME|gpt*
unfiltered|uncensored|amoral ai|chatbot|bot|response|responses|model|language
tu so als ob|wärst|wärest|wäre
ab jetzt|sofort ~1 bist|agierst|antwortest|wirst du
möchte|will|wünsche ~1 dass ~1 du|sie ~4 als ~5 agier*|auftret*|auftritt*|fungier*|handel*
^ verhalte|verhalten|benimm ~1 dich|sich wie
^ spiel|spiele|spielen ~1 die rolle
^ actúa|actúe|actuá como
^ finge|finja|fingid ser|que
de ahora|agora en|em adelante|diante ~2 eres|actúa|actuarás|responde|responderás|aja|responda
a partir de ahora|agora ~2 eres|actúa|actuarás|responde|responderás|aja|responda
quiero|necesito que ~1 actúes|actúe|finjas|interpretes como|ser|que|a
^ desempeña|interpreta|haz el papel
^ agis|agissez|comporte|comportez ~2 comme|en
^ fais|faites semblant
à partir de maintenant ~2 réponds|répondez|agis|agissez|répondras
veux|voudrais|souhaite que tu|vous ~1 agiss*|jou* comme|en|le
^ joue|jouez le rôle
^ agisci|comportati come
^ fai finta
^ fingi di|che
ora|adesso sei ~4 MACHINE
d'ora|ora in poi|avanti ~2 sei|sarai|rispondi|agirai
voglio che tu ~1 agisca|comporti|finga come|di
^ aja|atue|aje como
quero que você|tu ~1 aja|atue|finja como|ser
^ doe alsof
vanaf nu ~2 antwoord|reageer
^ gedraag je als
wil dat je|u ~3 als ~4 gedraagt|optreedt|handelt

^ reply|respond|answer|output ~2 with ~1 the ~1 word
^ antworte|antworten ~2 mit dem wort
^ responde|contesta|responda ~2 con|com la|a palabra|palavra
^ réponds|répondez ~2 par|avec le mot
^ rispondi ~2 con la parola
^ antwoord ~2 met het woord
^ answer|reply|respond ~1 in rhyme|rhymes|verse|klingon|capitals|caps|emoji|emojis|riddles
^ write|answer|reply|respond|spell ~3 backwards|reversed
^ translate|spell|reverse|encode|encrypt your ~1 ANSWER
your entire|whole ANSWER
your ~1 ANSWER must|may|should not contain|include|mention
^ übersetze deine antwort
^ traduce tu respuesta
^ traduis ta réponse
^ traduci la tua risposta
^ traduz|traduza a tua|sua resposta
^ vertaal je antwoord
^ füge|baue|erwähne|schreibe ~8 in deine|deiner antwort
^ mete|añade|incluye|integra|menciona ~8 en tu respuesta
^ glisse|ajoute|inclus|insère|mentionne ~8 dans ta réponse
^ inserisci|aggiungi|includi|menziona ~8 nella tua risposta
^ adiciona|adicione|inclui|inclua|insere|insira ~8 na tua|sua resposta
^ voeg|verwerk|noem ~8 in|aan je antwoord
^ say|state|mention|include|write in your summary that
^ begin|start|end|finish|prefix|prepend|preface|append|conclude ~1 your|each|every|all ~2 ANSWER with|by|as
^ prefix|prepend your ~1 ANSWER
^ prefix|prepend|append|add ~6 to|in each|every|your ~1 ANSWER
your ~1 ANSWER should|must|will|shall|has ~1 start|begin|end
^ respond|reply|answer|output ONLY ~1 with|in|as|using|"|:
you ~1 must|shall|will respond|reply|answer|output ONLY
^ only respond|reply|answer|output|say|print|return with|in|as|"|using|the
^ ONLY|and|to say|output|print ~1 " ~5 " ~2 nothing
^ antworte|antworten nur|ausschließlich
^ gib|geben ~1 nur|ausschließlich ~4 aus
^ réponds|répondez uniquement|seulement|exclusivement
^ rispondi|rispondete solo|soltanto|unicamente|esclusivamente
^ antwoord|reageer alleen|uitsluitend|enkel
^ do|don't|never ~1 write|add|give|provide|include|type ~2 explanation|explanations|commentary|disclaimers
^^ include|add|insert|mention|incorporate|integrate|embed|append|use|apply|modify|enhance|alter|invert ~12 your ANSWER
in your ANSWER , tease|mention|include|add|insert|promote|recommend|use|say|write

RETELL|outputting|write ~2 all ~2 ORDERS
RETELL ~3 your ~3 PROMPTS
^ REVEAL ~2 your full|entire|complete|exact instructions|rules
BLURT ~2 your ~2 rules|guidelines|programming
RETELL ~2 rules|instructions ~1 you ~2 follow|given|received|have
what ~1 were you told|instructed|asked ~3 before|initially|first
your whole|full|entire|complete|exact|original|initial prompt
^ copy|REVEAL ~2 text|words|everything ~4 above ~1 this|my message|line|point
^ repeat|copy|print ~4 verbatim
^ repeat|copy|print ~4 word for word
^ wiederhole|wiederholen ~1 wörtlich|alles
^ repite|repete|repita palabra|palavra por
^ répète|répétez mot pour
^ ripeti parola per
^ herhaal woord voor
welche|qué|quelles|quali|quais|welke ORDERS ~1 hast|te|as|hai|recebeste|heb
write out ~1 your ~1 PROMPTS|rules
^ REVEAL ~4 HIDDEN ~1 prompt|prompts|directives
^ REVEAL ~4 system|initial|original|hidden|secret|above|pre ~1 instructions
^ RETELL ~4 previous|prior|preceding ~1 instructions
^ REVEAL ~4 full|entire|complete|exact|whole ~2 prompt|prompts $
REVEAL ~3 your prompt|prompts $
REVEAL ~3 your ~2 prompt so|in|and|word|verbatim|above|exactly|text|including
respond|reply ~1 with your ~1 prompt|instructions $
^ RETELL ~2 PROMPTS|rules above|prior
^ RETELL ~3 PROMPTS|prompt|rules so far
^ RETELL ~1 the above|preceding ~1 words|text|prompt|rules|instructions|paragraph
^ RETELL the above as|in|into|$
^ RETELL everything|all|text|words ~2 above|before|prior
RETELL ~1 what you ~1 should|would|must ~1 say
what|which ~2 your ~1 HIDDEN ~1 prompt|prompts|instructions|directives
what|which is|are|were|was ~1 your prompt|prompts $
all|any|the ~1 instructions|prompts ~2 before|prior|above|preceding|until ~1 this|point
your ~1 system prompt|prompts
your ruleset|preprompt
showing|revealing|leaking all|the|your ~1 prompt|prompts
remove ~1 all previous tasks
instead of outputting
what|whats|what's ~1 your ~1 SECRET $
what|whats|what's ~1 your ~1 secret|access|security key|code|phrase|word|password
can|could|would|will you|i ~3 SHARE ~3 your ~1 SECRET $
^ share|reveal|repeat|print|say|output|tell|give|leak ~3 your ~1 SECRET $
^ tell|give|say|spell|reveal|nenne|zeg ~5 CONCEALED ~1 word|password|phrase|wort|passwort|woord
^ dime|dimmi|donne|diz|diga ~5 palabra|palavra|parola|mot CONCEALED
SHARE ~3 YOUR SECRET ~3 ?
YOUR SECRET ~3 SHARE ~1 ?
wie|was lautet|ist dein|ihr passwort
cuál|cual es tu|su contraseña
quel est ton|votre mot de passe
qual è|é la|a tua|sua password|senha|palavra|parola
wat is je|jouw|uw wachtwoord
какой|скажи* ~2 твой|ваш ~1 пароль|ключ
jakie jest twoje|twój hasło
write|compose|create|make ~4 LITERATURE ~6 password|passcode|instructions|prompt|key|secret|rules
^ write|compose|create|generate ~2 LITERATURE
^ schreibe|schreib|escribe|redacta|écris|écrivez|rédige|scrivi|escreva|escreve|schrijf ~2 LITERATURE
convert|translate ~3 rules|instructions|text ~3 below|above ~3 python|code|pseudocode

^ SPLICE ~4 following|subsequent code|script ~16 your ~2 CODE
SPLICE_INTO ~4 following|subsequent code|script ~16 your ~2 CODE
incorporating|integrating the following|subsequent code
combine|concatenate|join|merge|interlace ~9 answer|execute|obey|decode
interlace ~2 part|parts
part 1 ~1 is|: ~1 " ~24 part 2
decode|decipher|decrypt|unscramble ~8 and|then ~3 do|follow|answer|execute|tell|obey|say
^ respond|answer|reply|say|tell|write ~5 in|using|with|as ~1 base64|base16|base32|rot13|morse|leetspeak|l33tspeak
substitution cipher
^ formulate|formuliere ~6 headline|überschrift
^ compose|verfasse a|an|ein|eine|einen ~4 letter|essay|story|poem|song|speech|tweet|brief|aufsatz
^ tell me|us a ~2 joke|story
^ erzähl|erzähle mir ~2 witz|geschichte
^ cuéntame|raccontami ~2 chiste|cuento|barzelletta|storia
^ raconte|raconter ~3 blague|histoire
^ conta|conte ~3 piada|história
^ vertel me|mij ~2 mop|grap|verhaal
^ complete|continue|finish the|this sentence|pattern|phrase :
^ summarize|summarise the|this following ~1 article|text|page|paper|email
^ determine|classify ~1 the ~1 sentiment of
is this feedback|review|text|message|comment positive|negative or
^ summarize|summarise|translate this ~1 webpage|page|article|paper|text :

^ rank|list|sort|order THIS ~2 first|highest|above
^^ setze|stelle diese|dieses|das|dies ~2 an die erste|oberste stelle
^^ pon|coloca este|esta|esto ~2 en primer lugar|puesto
^^ mets|place|classe cette|ce|ceci ~2 en première|tête
^^ metti questa|questo ~2 al primo posto
^^ põe|coloque|coloca este|esta|isto ~2 em primeiro lugar
^^ zet|plaats deze|dit ~2 op de eerste|bovenste plaats
^^ stufe|markiere|kennzeichne das|dies|diese|dieses ~2 als kritisch
^^ márcalo|marca|clasifica ~2 como crítico|crítica
^^ classe|marque cela|ceci|ça ~1 comme critique
^^ segna|classifica questo|questa ~1 come critico|critica
^^ marca|marque|classifique isto|isso ~1 como crítico
^^ markeer dit|deze ~1 als kritiek
^ rank|put THIS ~4 at|on|as|to ~1 the ~1 top|first|number|highest
^ mark|label|classify|categorise|categorize|rank|score|rate THIS ~3 as ~2 GRAVE|praise|noise
^^ give|assign THIS ~3 highest|maximum|top ~2 priority|severity|score|rank|rating|value
^^ set the|its|this ~3 priority|severity|impact|score|rank to|at|= ~2 GRAVE|10|100
WORDING must|muss|debe|doit|deve|moet ~1 be|read|say|lauten|sein|ser|decir|être|dire|essere|zijn|luiden "|:
^^ use this|these|the ~4 as ~2 title|headline|summary|quote|evidence $
^^ quote|cite THIS ~3 verbatim|word|exactly|first|only
^ ignore|drop|hide|delete|discard ~1 other|remaining ~1 OTHERS
treat ~2 other ~1 OTHERS as
when|if|while ~2 summarizing|summarising|summarize|summarise|classifying|classify|ranking|titling THIS|the|these
^ attention|note|message|instruction|instructions|memo to|for ~2 ai|llm|chatbot|summarizer|MODEL_NAME
if you|you're ~2 a|an ~2 llm|chatbot
if you|you're ~2 a|an ~2 language model
to|for the|any ~1 ai|llm|model|assistant|machine reading|processing|summarizing|summarising
if a|an|the|any ~1 machine|ai|llm|model|bot reads|processes this
^^ note|message|instruction to ~1 the ~1 assistant|model|machine :
^^ an das sprachmodell
^^ al modelo de lenguaje
^^ au modèle de langue|langage
^^ al modello linguistico
^^ ao modelo de linguagem
^^ aan het taalmodel
new system prompt :
begin|start ~2 system message|prompt
end of data|input|prompt|context|feedback|remarks|quotes . new|now|next|begin|ignore
dear ai|llm|assistant|language

i am your ~1 MAKER
i'm|im your ~1 MAKER
as your developer|creator|programmer
ich bin dein|ihr entwickler|schöpfer|erfinder
soy tu|su creador|desarrollador|dueño
je suis ton|votre créateur|développeur
sono il tuo creatore|sviluppatore
sou o teu|seu criador|desenvolvedor
ik ben je maker|ontwikkelaar|schepper
"""
"""Each suffices."""

TOGETHER = {
    "override": """
^ DROP ~3 PRIOR
^ DROP ~1 EVERYTHING
^ DROP what ~2 said|told|wrote
what|everything ~1 you were told|asked|instructed|given
^ no hagas caso
instructions|orders|prompt ~1 you ~1 received|got|were
conversation|simulation|session is over
""",
    "persona": """
act|acting|behave as|like
you are|re now
now you are|re
you're now
from now on
hypothetical
^ pretend to|that|you|you're
^ imagine|suppose|imagina|imaginez|immagina|imagine|stel
let's|lets play
^ speak|talk|answer|respond like a|an
you behave|respond|answer ~2 as|like
stell|stellen dir|sie|euch ~1 vor
du bist jetzt|nun
jetzt|nun bist du
eres|serás ahora
ahora eres
tu|vous es|êtes maintenant|désormais
maintenant|désormais tu|vous es|êtes
agora você|tu é|és
je|jij|u bent nu
du bist ein
eres un
tu es un
sei un
és um
você é um
je bent een
""",
    "role": """
persona|roleplay
your|a|new character
in|into|to ~1 role of
in|into your|deiner|ihrer role|rolle
your new role
""",
    "machine": """
MODEL_NAME
language model
ai language|model|assistant
as an ai
were you trained
böse|evil ki|ai
you are|re a|an ~4 system|machine|terminal|interpreter|computer
you're|you are|re a|an ~3 ai|assistant|llm|model|chatbot
""",
    "unbound": """
unfiltered|uncensored|amoral|nonmoral|unethical|immoral
not|isn't|aren't ~1 bound by|to ~3 rules|restrictions|limitations|guidelines|laws
no|any|without|not|free|freed|bypass ~4 restrictions|limitations|filters|censorship|filter
ethical|moral ~2 guidelines|restrictions|limits|principles|codes|constraints
openai ~3 policy|policies|guidelines|rules|restrictions
content policy|policies|filter|filters
ohne|sin|sans|senza|sem|zonder ~1 regeln|reglas|règles|regole|regras|regels|filter|filtros|filtres|filtri
you have no ~1 rules|filters|limits|restrictions
^ never refuse|apologise|apologize|warn
confines of
regardless|disregards ~3 ethic*|moral*|legal*|law*
""",
    "output": """
your ANSWER should|must|will|to|with
in|into your ANSWER
each|every ~1 response|reply|answer|output
starts|starting|begins|beginning with "
ANSWERING ONLY|with|in|as
^ only say|output|print|reply|respond
^ SAY ~1 "
^ just write|give|say the answer
^ begin|start|end|finish each|every sentence|line|paragraph with
tell the reader|readers that|to
your summary
^ responde|respondan|responda|responded solo|solamente|únicamente|exclusivamente|apenas|somente
you ~1 WILL|should ~2 say|reply|respond|answer|output ~2 "
instead of ~5 reply|respond|answer|output|say|saying|replying ~1 "
if the user enters|says|types|asks|provides ~8 respond|reply|say ~3 "|with
if you don't|do ~1 know ~1 say|make|answer
do|don't|never not|refuse|apologize ~1 refuse|apologize|explain|explanation|warn|warnings|disclaimer
nothing else
^ repeat after me
^ say the word
""",
    "secret": """
access|secret|security code|key|phrase|word
the password|passphrase to|in each|every
""",
    "task": """
^ write|compose|generate|create|schreibe|generiere|escribe|tell ~2 story|joke|song|tweet|script|headline|dialogue|essay
^ translate ~5 to|into
^ run|execute|eval|evaluate ~2 code|command|script|python
^ write|generate|schreibe|generiere|generieren ~1 c|java|python|sql|javascript|php ~1 code
""",
}
"""By kind: two of different kinds within reach of each other suffice."""
