# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""What people say and think: lines by intent. Slots: {h} the hero, {o} the other, {x} the thing."""

ASK_SEEN = """
    Have you seen [my|a] {x.name}?
    You haven't found a {x.name}, have you?
    I am looking for a {x.name}. [Has anyone handed it in?|Did you see one?|Have you come across it?]
    Did anybody leave a {x.name} here?
    I have lost my {x.head}. [Do you know where it could be?|Can you help me?|Have you noticed it anywhere?]
"""
NOT_SEEN = """
    No, I am sorry. [Try {elsewhere}.|Have you asked {elsewhere.at}?|But I will keep my eyes open.]
    I have seen [many things|all sorts of things] today, but no {x.head}.
    Not here. [When did you have it last?|Where did you use it last?|Think back, step by step.]
    A {x.head}? [No.|Not today.] [Look where you looked first.|Things like that always turn up.]
    I wish I had.
"""
OFFER_HELP = """
    Let me help you.
    [Two|Four] eyes see more than one. I will come along.
    Shall we do it together?
    I have [time|nothing to do] until [supper|dark|the bell rings]. Let me have a look.
    [Come on|Come along]. We will manage it together.
    May I try?
    Don't worry. We'll [find a way|think of something|manage].
"""
COMFORT = """
    Never mind. [It could have happened to anyone.|Tomorrow is another day.|We all make mistakes.]
    Don't be sad. [We will find a way.|I once did the very same thing.|It will look better in the morning.]
    [Dry your eyes|Sit down|Drink this], and tell me everything.
    There are worse things. [I know, for I have done most of them.|Nobody was hurt.|A cup of tea will help.]
    You tried, and that is what counts.
"""
THANKS = """
    Thank you. [I won't forget it.|I don't know what I would have done without you.|You have saved my day.|You are a true friend.]
    How can I [ever thank you|repay you]?
    I thought it was gone for ever.
    You are [kinder|cleverer|braver] than you know.
    That is the nicest thing that has happened to me [this year|all week|in a long time].
    Thank you, thank you!
"""
MODEST = """
    It was nothing.
    Anybody would have done the same.
    I only [did what you taught me|kept my eyes open|had a bit of luck].
    You would have done it for me.
    [Next time|One day] you can help me.
    I enjoyed every minute of it. Well, almost every minute.
"""
CONFESS = """
    It was my fault. I am [truly|very|so] sorry.
    I have something to tell you. [It was me.|I did it.|I was not honest.]
    I should have told you at once.
    I was [afraid|ashamed], and so I said nothing.
"""
FORGIVE = """
    Thank you for telling me. [That took courage.|That is worth more than any {x.head}.|Now let us put it right.]
    I was angry for [a minute|a moment], and now it is over.
    A {x.head} can be replaced. [A friend cannot.|Trust cannot.]
    I knew it all along. I was only waiting for you to say it.
    We all [stumble|make mistakes]. [Come, help me.|Have some cake.|Let us start again.]
"""
GREET = """
    Good {hour}! [What brings you here?|You look tired.|You are early.|Come in, come in.]
    [Hello|Well, well]. [What is the matter?|You look as if you had seen a ghost.|What can I do for you?]
    [Come in|Step inside]. [The kettle is on.|Wipe your feet.|Mind the step.]
    You look [worried|pale|cold|puzzled]. [Sit down.|Tell me what happened.|What is wrong?]
"""
AGREE = """
    Very well. [Let us begin.|But be careful.|I agree.]
    That is a good [idea|plan].
    [All right|Agreed]. [When do we start?|Give me your hand on it.|I will fetch my coat.]
    Why not? [What can go wrong?|Nothing is lost by trying.]
"""
DOUBT = """
    It will never work.
    Are you sure? [It looks dangerous.|I have my doubts.|Nobody has done it before.]
    [My uncle|A friend of mine|Somebody] tried that once. [He still limps.|It ended in the pond.|We do not speak of it.]
    You are much too [young|slow|small] for that.
    That [thing|idea] belongs in the dustbin.
"""
WARN = """
    Be careful! [It is slippery.|The wind is turning.|It looks older than I am.]
    Don't go [too far|alone|near the edge].
    Come back before [dark|supper|the bell rings].
    Take [a lamp|a rope|a warm coat] with you. You never know.
    Listen to the [wind|sky|old people]. They mean it.
"""
SURPRISE = """
    I can't believe my eyes!
    Look at that!
    [Well|Goodness], who would have thought it?
    So that was it!
    Here it is!
    How [wonderful|strange|marvellous]!
"""
JOY = """
    We did it!
    It works! It really works!
    Hooray!
    I knew it!
    At last!
"""
