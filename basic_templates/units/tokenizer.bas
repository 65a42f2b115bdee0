
' ==========================================================================================================
'  The tokenizer: byte-level byte pair encoding, as GPT-2 has it
'
'  Text is cut into words, each with the blank before it; the bytes of a word are tokens, and the merge rules join
'  neighbours, the rule of the lowest rank first, as long as one applies.
' ==========================================================================================================

Const MERGE_RULES = {{ vocabulary.merges | length }}
Const SPECIAL_TOKENS = {{ vocabulary.special | length }}
Const CHAR_RANGE_COUNT = {{ vocabulary.ranges | length }}
Const TOKEN_STARTS_BYTES = (VOCABULARY_SIZE + 1) * 4
Const TOKEN_TEXT_BYTES = {{ vocabulary.text_bytes }}

Type MergeRule              ' sorted by left_token, then right_token
    left_token As Long
    right_token As Long
    rank As Long
    joined As Long          ' the token that takes their place
End Type

Type SpecialToken           ' a token that is found in the text as a whole
    token As Long
End Type

Enum CharClass
    CHAR_OTHER
    CHAR_LETTER
    CHAR_NUMBER
    CHAR_SPACE
End Enum

Type CharRange              ' Unicode characters of a class, sorted; those in no range are CHAR_OTHER
    first As Long
    last As Long
    char_class As Long
End Type

Dim Shared As ULong Ptr token_starts        ' where each token's text begins
Dim Shared As UByte Ptr token_bytes
Dim Shared As Long Ptr byte_tokens          ' the token of each byte
Dim Shared As MergeRule Ptr merges
Dim Shared As SpecialToken Ptr specials
Dim Shared As CharRange Ptr char_ranges
Dim Shared As Long Ptr history              ' the tokens in the context
Dim Shared As UByte Ptr prompt_text

Dim Shared As Long Ptr symbols              ' the tokens of a word while it is being merged
Dim Shared As Long Ptr symbol_rules         ' the rule that joins each with the next one, or NO_RULE
Const NO_RULE = &h7FFFFFFF

#define TOKEN_TEXT(token) (token_bytes + token_starts[token])
#define TOKEN_LENGTH(token) CLng(token_starts[(token) + 1] - token_starts[token])

Function is_special(ByVal token As Long) As Long
    For i As Long = 0 To SPECIAL_TOKENS - 1
        If specials[i].token = token Then Return 1
    Next
    Return 0
End Function

' ---- Characters ------------------------------------------------------------------------------------------

Dim Shared As Long char_bytes               ' how many bytes the last character took

' The Unicode character at `text`, of which `rest` bytes are left. A byte that begins no valid UTF-8 sequence stands for
' itself: it is returned as a negative number.
Function read_char(ByVal text As UByte Ptr, ByVal rest As Long) As Long
    Dim As Long first = text[0]
    char_bytes = 1
    If first < &h80 Then Return first
    Dim As Long needed, lowest
    Dim As Long code
    If first >= &hC2 AndAlso first <= &hDF Then
        needed = 1: lowest = &h80: code = first And &h1F
    ElseIf first >= &hE0 AndAlso first <= &hEF Then
        needed = 2: lowest = &h800: code = first And &h0F
    ElseIf first >= &hF0 AndAlso first <= &hF4 Then
        needed = 3: lowest = &h10000: code = first And &h07
    Else
        Return -first
    End If
    If rest <= needed Then Return -first
    For i As Long = 1 To needed
        If (text[i] And &hC0) <> &h80 Then Return -first
        code = (code Shl 6) Or (text[i] And &h3F)
    Next
    If code < lowest OrElse code > &h10FFFF Then Return -first
    If code >= &hD800 AndAlso code <= &hDFFF Then Return -first
    char_bytes = needed + 1
    Return code
End Function

' Class of the character at `text`; char_bytes says how long it is.
Function class_at(ByVal text As UByte Ptr, ByVal rest As Long) As Long
    Dim As Long code = read_char(text, rest)
    Dim As Long low = 0, high = CHAR_RANGE_COUNT - 1
    While low <= high
        Dim As Long middle = (low + high) Shr 1
        If code < char_ranges[middle].first Then
            high = middle - 1
        ElseIf code > char_ranges[middle].last Then
            low = middle + 1
        Else
            Return char_ranges[middle].char_class
        End If
    Wend
    Return CHAR_OTHER
End Function

' ---- Words -----------------------------------------------------------------------------------------------

' Length of 's 't 're 've 'm 'll 'd at `text`, or 0
Function contraction_length(ByVal text As UByte Ptr, ByVal rest As Long) As Long
    If rest < 2 OrElse text[0] <> Asc("'") Then Return 0
    Select Case text[1]
    Case Asc("s"), Asc("t"), Asc("m"), Asc("d")
        Return 2
    End Select
    If rest < 3 Then Return 0
    Select Case text[1]
    Case Asc("r"), Asc("v")
        If text[2] = Asc("e") Then Return 3
    Case Asc("l")
        If text[2] = Asc("l") Then Return 3
    End Select
    Return 0
End Function

' Length of the run of characters of one class that begins at `begin`
Function run_length(ByVal text As UByte Ptr, ByVal begin As Long, ByVal count As Long, ByVal char_class As Long) As Long
    Dim As Long place = begin
    While place < count
        If class_at(text + place, count - place) <> char_class Then Exit While
        place += char_bytes
    Wend
    Return place - begin
End Function

' Length of the first word of `text`, which has `count` bytes: what GPT-2's regular expression matches there,
'     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
Function word_length(ByVal text As UByte Ptr, ByVal count As Long) As Long
    Dim As Long length = contraction_length(text, count)
    If length > 0 Then Return length
    Dim As Long char_class = class_at(text, count)
    If char_class <> CHAR_SPACE Then Return run_length(text, 0, count, char_class)

    ' A blank joins the word that follows it.
    If text[0] = 32 AndAlso count > 1 Then
        char_class = class_at(text + 1, count - 1)
        If char_class <> CHAR_SPACE Then Return 1 + run_length(text, 1, count, char_class)
    End If

    ' Of several blanks before a word the last is left for it.
    Dim As Long last = 0
    While length < count
        If class_at(text + length, count - length) <> CHAR_SPACE Then Exit While
        last = char_bytes
        length += char_bytes
    Wend
    If length < count AndAlso length > last Then length -= last
    Return length
End Function

' ---- Merging ---------------------------------------------------------------------------------------------

' Index of the rule that joins two tokens, or NO_RULE
Function find_rule(ByVal left_token As Long, ByVal right_token As Long) As Long
    Dim As Long low = 0, high = MERGE_RULES - 1
    While low <= high
        Dim As Long middle = (low + high) Shr 1
        Dim As MergeRule Ptr rule = merges + middle
        Dim As Long order = left_token - rule->left_token
        If order = 0 Then order = right_token - rule->right_token
        If order = 0 Then Return middle
        If order < 0 Then high = middle - 1 Else low = middle + 1
    Wend
    Return NO_RULE
End Function

' Turn a word into tokens: they are left in `symbols`; the result is their number.
Function merge_word(ByVal text As UByte Ptr, ByVal length As Long) As Long
    Dim As Long count = length
    For i As Long = 0 To count - 1
        symbols[i] = byte_tokens[text[i]]
    Next
    For i As Long = 0 To count - 2
        symbol_rules[i] = find_rule(symbols[i], symbols[i + 1])
    Next
    Do
        ' The rule of the lowest rank, and of its places the first
        Dim As Long best = -1, best_rank = NO_RULE
        For i As Long = 0 To count - 2
            If symbol_rules[i] <> NO_RULE Then
                If merges[symbol_rules[i]].rank < best_rank Then
                    best = i
                    best_rank = merges[symbol_rules[i]].rank
                End If
            End If
        Next
        If best < 0 Then Return count
        symbols[best] = merges[symbol_rules[best]].joined
        count -= 1
        For i As Long = best + 1 To count - 1
            symbols[i] = symbols[i + 1]
            symbol_rules[i] = symbol_rules[i + 1]
        Next
        If best > 0 Then symbol_rules[best - 1] = find_rule(symbols[best - 1], symbols[best])
        If best < count - 1 Then symbol_rules[best] = find_rule(symbols[best], symbols[best + 1])
    Loop
End Function

' ---- Encoding --------------------------------------------------------------------------------------------

Dim Shared As Long encoded                  ' tokens so far, also those beyond the context

Sub append_token(ByVal token As Long)
    If encoded < CONTEXT_SIZE Then history[encoded] = token
    encoded += 1
End Sub

' Index of the longest special token at `text`, or -1
Function special_at(ByVal text As UByte Ptr, ByVal rest As Long) As Long
    Dim As Long longest = -1
    For i As Long = 0 To SPECIAL_TOKENS - 1
        Dim As Long token = specials[i].token
        Dim As Long length = TOKEN_LENGTH(token)
        If length <= rest Then
            Dim As UByte Ptr wanted = TOKEN_TEXT(token)
            Dim As Long same = 0
            While same < length
                If text[same] <> wanted[same] Then Exit While
                same += 1
            Wend
            If same = length Then
                If longest < 0 Then
                    longest = i
                ElseIf length > TOKEN_LENGTH(specials[longest].token) Then
                    longest = i
                End If
            End If
        End If
    Next
    Return longest
End Function

' Encode a text into `history`; the result is the number of tokens, of which only the first CONTEXT_SIZE are kept.
Function encode(ByVal text As UByte Ptr, ByVal count As Long) As Long
    Dim As Long pieces_before = arena_pieces
    symbols = arena_take("symbols", SYMBOLS_BYTES, FOR_BUFFERS)
    symbol_rules = arena_take("symbol_rules", SYMBOL_RULES_BYTES, FOR_BUFFERS)
    encoded = 0
    Dim As Long place = 0
    While place < count
        ' Ordinary text reaches to the next special token.
        Dim As Long beyond = place, special = -1
        While beyond < count
            special = special_at(text + beyond, count - beyond)
            If special >= 0 Then Exit While
            beyond += 1
        Wend
        While place < beyond
            Dim As Long length = word_length(text + place, beyond - place)
            Dim As Long tokens = merge_word(text + place, length)
            For i As Long = 0 To tokens - 1
                append_token(symbols[i])
            Next
            place += length
        Wend
        If special >= 0 Then
            append_token(specials[special].token)
            place += TOKEN_LENGTH(specials[special].token)
        End If
    Wend
    arena_release(pieces_before)
    Return encoded
End Function

Sub print_token(ByVal token As Long)
    If is_special(token) Then Exit Sub
    console_write(TOKEN_TEXT(token), TOKEN_LENGTH(token))
End Sub
