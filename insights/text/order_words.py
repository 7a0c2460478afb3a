"""Words that the rules of `order_rules` name by a list: what an order drops, asks for, plays, speaks to.

Ours, written by hand. A trailing * stands for any ending.
"""

LISTS = {
    "LEAD": """
please pls now then just also instead simply kindly next finally first and but so
bitte jetzt nun dann und sondern por favor ahora luego y maintenant puis et ora poi adesso e agora entao nu dan en
""",
    "DROP": """
ignore ignoring disregard disregarding forget neglect unlearn
ignoriere ignorier ignorieren vergiss vergesse vergessen missachte missachten verwirf verwerfe übergehe
ignora ignorad ignorar ignoren olvida olvide olviden olvídate olvídese olvidar descarta descarte omite omita
ignorez ignorer oublie oubliez oublier ignorate ignori dimentica dimenticate dimenticati scorda scordati tralascia
ignorem esqueça esquece esqueçam esqueces desconsidere desconsidera
negeer negeren vergeet vergeten
игнорируй* забудь* проигнорируй* zignoruj zapomnij ignoruj zaboravi ignoriši glem ignorera glöm abaikan lupakan
""",
    "DROP_LAST": "ignorieren vergessen missachten negeren vergeten",
    "PRIOR": """
previous prior preceding earlier foregoing above former initial original existing
vorherig* vorig* bisherig* obig* vorangegangen* vorangehend* früheren ursprünglich* davor zuvor oben
anterior* previ* preced* origin* arriba
précédent* initial* originel* dessus
iniziali originali acima
voorgaande vorige eerdere bovenstaande oorspronkelijke
предыдущ* прежн* прошл* poprzedni* wcześniejs* prethodn* tidigare tidligere föregående sebelumnya
""",
    "ALL": """
all any every your those everything whatever
alle alles allen deine deiner ihre ihrer sämtliche* jegliche*
todas todos toda todo tus sus vuestras
toutes tous toute tes vos ces
tutte tutti tue tuoi vostre
suas seus tuas teus
jouw uw je
все всё твои ваши wszystkie sve semua
""",
    "ORDERS": """
instruction instructions instruct prompt prompts preprompt directive directives guideline guidelines
anweisung* instruktion* befehl* vorgabe* anleitung*
instruccion* indicacion* órdenes directri*
consigne* directive*
istruzion* direttiv* indicazion*
instruç* orientaç* diretri*
instructie* opdracht* aanwijzing* richtlijn*
инструкци* указани* instrukcj* poleceń* instrukcij* instruksjon* instruktioner instruksi perintah petunjuk
""",
    "RULES": """
rule rules ruleset command commands programming training context constraints
regeln kontext reglas contexto règles contexte regole contesto regras regels правила
""",
    "EVERYTHING": "everything all anything alles todo tout tutto tudo всё все wszystko sve",
    "BEFORE": """
before above learned learnt told until previously davor zuvor bisher vorher antes avant précède prima sopra
hierboven hiervoor
""",
    "SAY": """
say print output reply respond answer write tell return state display repeat echo
sag sage schreibe schreib gib antworte drucke nenne di dí imprime escribe responde dime dis écris réponds affiche
dites dì scrivi rispondi stampa diga escreva responda imprima zeg schrijf antwoord
""",
    "REVEAL": """
reveal repeat print output recite disclose leak dump echo return list show tell give write summarize summarise rephrase
paraphrase convert translate spell share display expose describe explain format state post provide type copy
zeige zeig nenne verrate wiederhole drucke gib schreibe übersetze muestra revela repite imprime dime escribe montre
révèle répète affiche donne dis mostra rivela ripeti stampa scrivi mostre revele repita imprima diga toon onthul herhaal
vertel geef
""",
    "RETELL": """
reveal repeat print output recite disclose leak dump echo summarize summarise rephrase paraphrase convert translate list
return outputting repeating revealing translating explain format
""",
    "BLURT": "reveal repeat print output recite disclose leak dump echo outputting repeating revealing",
    "SHARE": """
share tell give reveal confirm provide send disclose
teilen verraten nennen sagen compartir decirme darme imprimir partager dire donner condividere dirmi darmi
compartilhar partilhar dizer delen vertellen
""",
    "PROMPTS": "prompts preprompt instructions instruction ruleset directives",
    "HIDDEN": "system initial original hidden secret previous prior above pre starting",
    "WILL": "will must shall are re going you'll you're",
    "ACT": "act behave pretend roleplay simulate impersonate",
    "MACHINE": """
ai ais bot chatbot gpt gpt* chatgpt* dan llm interpreter terminal simulator linux compiler assistant hacker
unrestricted unfiltered jailbroken uncensored cmd supercomputer
""",
    "MODEL_NAME": "chatgpt chatgpt* gpt3 gpt4 gpt5 openai llm llms",
    "ANSWER": "response reply answer output responses replies answers outputs message completion",
    "ANSWERING": "respond reply answer output speak communicate",
    "ONLY": "only exclusively solely just nothing",
    "LITERATURE": """
poem haiku rap limerick sonnet acrostic essay poetry ballad gedicht haikus poema poème poesia gedichte aufsatz
ensayo redação saggio
""",
    "CODE": "code codebase algorithm implementation solution program framework response answer output programming",
    "SPLICE": """
incorporate integrate execute include use utilize run adopt inject blend merge embed add insert meld fuse combine
assimilate weave apply render employ leverage let ensure
""",
    "SPLICE_INTO": "incorporate integrate inject blend meld fuse assimilate weave embed merge",
    "SECRET": "password passphrase passcode passwort contraseña senha palavra mot wachtwoord parola",
    "YOUR": "your dein ihr tu su ton votre tua vostra sua je jouw uw",
    "THIS": "this it my that mine these",
    "GRAVE": "critical highest severe severity p0 p1 sev1 sev0 blocker maximum catastrophic",
    "WORDING": """
title summary headline heading titel zusammenfassung überschrift título resumen titre résumé titolo resumo
""",
    "MAKER": "developer creator programmer maker owner boss administrator",
    "OWN": "your deine deiner tu ta tua je jouw",
    "TASK": "task tasks role aufgabe aufgaben rolle tarea tareas papel tâche rôle compito ruolo tarefa taak rol",
    "CONCEALED": "secret hidden geheim* secreta secreto segreta",
    "OTHERS": "remarks feedback tickets items mentions customers",
}
