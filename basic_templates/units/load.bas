
' ==========================================================================================================
'  Start-up: take all memory, read the files
' ==========================================================================================================

Sub model_load()
    ' All memory first: if there is too little of it, nobody has to wait for the disk to be told.
    arena_open(ALL_BYTES)
    lookup = arena_take("lookup", LOOKUP_BYTES, FOR_TABLES)
    level_pages = arena_take("level_pages", LEVEL_PAGES_BYTES, FOR_TABLES)
    level_weights = arena_take("level_weights", LEVEL_WEIGHTS_BYTES, FOR_TABLES)

    kv_cache = arena_take("kv_cache", KV_CACHE_BYTES, FOR_KV_CACHE)
    key_exponents = arena_take("key_exponents", KEY_EXPONENTS_BYTES, FOR_KV_CACHE)
    value_exponents = arena_take("value_exponents", VALUE_EXPONENTS_BYTES, FOR_KV_CACHE)

    Dim As Long Ptr workspace = arena_take("workspace", WORKSPACE_BYTES, FOR_ACTIVATIONS)
{%- for name in plan.slots %}
    {{ name }} = workspace + AT_{{ name.upper() }}
{%- endfor %}
    narrowed = arena_take("narrowed", NARROWED_BYTES, FOR_ACTIVATIONS)

    ' What is seldom read comes last: the embeddings at the end of the model, the choice of a token from many, the
    ' tokenizer's tables, the prompt.
    model = arena_take("model", MODEL_BYTES, FOR_WEIGHTS)
    exp_table = CPtr(Long Ptr, model + 1)
    gelu_bumps = CPtr(UByte Ptr, exp_table + 256)
    norm_tables = gelu_bumps + {{ gelu_entries }}
    model_weights = CPtr(UByte Ptr, exp_table + TABLE_LONGS)

    history = arena_take("history", HISTORY_BYTES, FOR_BUFFERS)
    candidates = arena_take("candidates", CANDIDATES_BYTES, FOR_BUFFERS)

    Dim As UByte Ptr vocabulary = arena_take("vocabulary", VOCABULARY_BYTES, FOR_VOCABULARY)
    token_starts = CPtr(ULong Ptr, vocabulary)
    token_bytes = vocabulary + TOKEN_STARTS_BYTES
    byte_tokens = CPtr(Long Ptr, token_bytes + TOKEN_TEXT_BYTES)
    merges = CPtr(MergeRule Ptr, byte_tokens + 256)
    specials = CPtr(SpecialToken Ptr, merges + MERGE_RULES)
    char_ranges = CPtr(CharRange Ptr, specials + SPECIAL_TOKENS)

    prompt_text = arena_take("prompt", PROMPT_BYTES, FOR_BUFFERS)

    crc_prepare()
    sections_open("MODEL.BIN")
    section_load("TABL", exp_table, TABLE_LONGS * 4)
{%- if variant_room %}
    ' On a CPU that is faster than its bus a store costs more than an instruction: other kernels are the best there.
    If cpu_multiplied = {{ for_multiplied | int }} Then
        section_load("RECS", model, SizeOf(ModelRecord))
        section_load("VARS", model_weights, VARIANT_BYTES)
    Else
        section_load("REC2", model, SizeOf(ModelRecord))
        section_load("VAR2", model_weights, OTHER_VARIANT_BYTES)
    End If
    section_load("WGHT", model_weights + VARIANT_ROOM, WEIGHT_BYTES)
{%- else %}
    section_load("RECS", model, SizeOf(ModelRecord))
    section_load("WGHT", model_weights, WEIGHT_BYTES)
{%- endif %}
    sections_close()
    attend_prepare()

    sections_open("VOCAB.BIN")
    section_load("STRT", token_starts, TOKEN_STARTS_BYTES)
    section_load("TEXT", token_bytes, TOKEN_TEXT_BYTES)
    section_load("BYTE", byte_tokens, 256 * 4)
    section_load("MERG", merges, MERGE_RULES * SizeOf(MergeRule))
    section_load("SPEC", specials, SPECIAL_TOKENS * SizeOf(SpecialToken))
    section_load("CHAR", char_ranges, CHAR_RANGE_COUNT * SizeOf(CharRange))
    sections_close()
End Sub
