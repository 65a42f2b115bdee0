
' ==========================================================================================================
'  The application: completes a text
' ==========================================================================================================

Dim Shared As Long wanted_tokens = 64
Dim Shared As Long ignore_end               ' go on after the end-of-text token
Dim Shared As Long wants_report
Dim Shared As ULong seed = 1
Dim Shared As String prompt_file            ' where the text comes from, or
Dim Shared As String prompt_words           ' the text on the command line
Dim Shared As Long prompt_length            ' bytes of it

Sub help()
    Print "{{ title }}"
    Print
    Print "GPT [options] [text to be continued]"
    Print
    Print "  /N 64      write so many tokens (default 64)"
    Print "  /F FILE    take the text from a file"
    Print "  /T 0.8     temperature: 0 takes the likeliest token, more is more daring (0)"
    Print "  /K 40      choose among so many tokens; 0: all (0)"
    Print "  /P 0.95    choose among the likeliest that have this share of the chances (1)"
    Print "  /S 7       seed of the random numbers (1)"
    Print "  /E         go on where the model would end the text"
    Print "  /M         report the use of memory"
    Print "  /I         say what the PC is, and end"
    Print "  /L FILE    write the logits of every step to a file"
    Print "  /X N FILE  write every vector of step N to a file"
    End 0
End Sub

' The next word of the command line as the value of an option
Function option_value(ByRef index As Long) As String
    Dim As String name_of_option = Command(index)
    index += 1
    Dim As String value = Command(index)
    If Len(value) = 0 Then fail("the option " + name_of_option + " needs a value; GPT /? lists the options")
    Return value
End Function

' A number with up to three decimals, in thousandths
Function thousandths(ByRef text As String) As Long
    Dim As Long value = 0, decimals = -1, digits = 0
    For i As Long = 0 To Len(text) - 1
        If text[i] = Asc(".") AndAlso decimals < 0 Then
            decimals = 0
        ElseIf text[i] >= 48 AndAlso text[i] <= 57 Then
            digits += 1
            If decimals < 3 AndAlso value < 100000000 Then
                value = value * 10 + text[i] - 48
                If decimals >= 0 Then decimals += 1
            End If
        Else
            digits = 0
            Exit For
        End If
    Next
    If digits = 0 Then fail(text + " is not a number such as 0.8")
    If decimals < 0 Then decimals = 0
    While decimals < 3
        value *= 10
        decimals += 1
    Wend
    Return value
End Function

Function whole_number(ByRef text As String, ByVal limit As LongInt) As ULong
    Dim As LongInt value = 0
    If Len(text) = 0 Then fail("a whole number is missing")
    For i As Long = 0 To Len(text) - 1
        If text[i] < 48 OrElse text[i] > 57 Then fail(text + " is not a whole number")
        If value <= limit Then value = value * 10 + text[i] - 48
    Next
    If value > limit Then fail(text + " is too large; the most is " + Str(limit))
    Return value
End Function

Sub read_command_line()
    Dim As Long index = 1
    While Len(Command(index)) > 0
        Dim As String word = Command(index)
        If word[0] = Asc("/") Then
            Select Case UCase(word)
            Case "/?": help()
            Case "/N": wanted_tokens = whole_number(option_value(index), 1000000)
            Case "/F": prompt_file = option_value(index)
            Case "/T": temperature = thousandths(option_value(index))
            Case "/K": top_k = whole_number(option_value(index), 1000000)
            Case "/P"
                top_p = thousandths(option_value(index))
                If top_p > 1000 Then fail("the share of the chances, /P, is at most 1")
            Case "/S": seed = whole_number(option_value(index), 4294967295ll)
            Case "/E": ignore_end = 1
            Case "/M": wants_report = 1
            Case "/I"
                Print cpu_line()
                End 0
            Case "/L": logits_handle = create_file(option_value(index))
            Case "/X"
                trace_step = whole_number(option_value(index), 2000000000)
                trace_handle = create_file(option_value(index))
            Case Else: fail(word + " is no option; GPT /? lists the options")
            End Select
        Else
            If Len(prompt_words) > 0 Then prompt_words += " "
            prompt_words += word
        End If
        index += 1
    Wend
    If Len(prompt_file) > 0 AndAlso Len(prompt_words) > 0 Then
        fail("the text comes from a file or from the command line, not from both")
    End If
End Sub

' Bring the text into memory. A file may be longer than any prompt can be; then only its length counts.
Sub take_prompt()
    prompt_length = Len(prompt_words)
    Dim As Long fitting = prompt_length
    If fitting > PROMPT_LIMIT Then fitting = PROMPT_LIMIT
    For i As Long = 0 To fitting - 1
        prompt_text[i] = prompt_words[i]
    Next
    If Len(prompt_file) = 0 Then Exit Sub

    Dim As Long handle = FreeFile()
    If Open(prompt_file For Binary Access Read As #handle) <> 0 Then fail(prompt_file + " cannot be read")
    Dim As ULong got = 0
    prompt_length = Lof(handle)
    fitting = prompt_length
    If fitting > PROMPT_LIMIT Then fitting = PROMPT_LIMIT
    If fitting > 0 Then
        If Get(#handle, 1, *prompt_text, fitting, got) <> 0 OrElse got <> fitting Then
            fail(prompt_file + " cannot be read")
        End If
    End If
    Close #handle
End Sub

{% if tokens_at_once > 1 -%}
' Feed tokens of the history, one or two, and write down what was asked for.
Sub step_model(ByVal position As Long, ByVal tokens As Long, ByVal wants_logits As Long)
    tracing = (trace_step >= steps_done AndAlso trace_step < steps_done + tokens)
    traced_at = (trace_step - steps_done) * TOKEN_LONGS
    forward(history + position, position, tokens, wants_logits)
    steps_done += tokens
    If wants_logits <> 0 AndAlso logits_handle <> 0 Then log_logits(history[position], position)
End Sub

' Feed the first tokens of the history, two at a time; the last one, if its logits are wanted, alone.
Sub feed(ByVal count As Long, ByVal wants_logits As Long)
    Dim As Long position = 0, plain = count
    If wants_logits <> 0 Then plain -= 1
    While position + 2 <= plain
        step_model(position, 2, 0)
        position += 2
    Wend
    If position < plain Then step_model(position, 1, 0)
    If wants_logits <> 0 Then step_model(plain, 1, 1)
End Sub
{%- else -%}
' Feed a token of the history and write down what was asked for.
Sub step_model(ByVal position As Long, ByVal wants_logits As Long)
    tracing = (steps_done = trace_step)
    forward(history[position], position, wants_logits)
    steps_done += 1
    If wants_logits <> 0 AndAlso logits_handle <> 0 Then log_logits(history[position], position)
End Sub

' Feed the first tokens of the history; the logits of the last one may be wanted.
Sub feed(ByVal count As Long, ByVal wants_logits As Long)
    For position As Long = 0 To count - 1
        Dim As Long wants = 0
        If position = count - 1 Then wants = wants_logits
        step_model(position, wants)
    Next
End Sub
{%- endif %}

' When the context is full, its newer half becomes the beginning; the result is the new position.
Function slide_window() As Long
    Dim As Long kept = CONTEXT_SIZE \ 2
    For i As Long = 0 To kept - 1
        history[i] = history[CONTEXT_SIZE - kept + i]
    Next
    feed(kept, 0)
    Return kept
End Function

Sub generate(ByVal prompt_tokens As Long)
    Dim As Long position = prompt_tokens
    feed(prompt_tokens, 1)
    For count As Long = 1 To wanted_tokens
        Dim As Long token = next_token()
        If token = END_OF_TEXT AndAlso ignore_end = 0 Then Exit For
        print_token(token)
        If count < wanted_tokens Then
            If position = CONTEXT_SIZE Then position = slide_window()
            history[position] = token
            step_model(position{{ ", 1" if tokens_at_once > 1 }}, 1)
            position += 1
        End If
    Next
End Sub

Sub main()
    cpu_detect()
    read_command_line()
    model_load()
    take_prompt()
    sampler_start(seed)
    Dim As Long prompt_tokens = CONTEXT_SIZE + 1
    If prompt_length <= PROMPT_LIMIT Then prompt_tokens = encode(prompt_text, prompt_length)
    If prompt_tokens > CONTEXT_SIZE Then
        If prompt_length > PROMPT_LIMIT Then
            fail("the prompt has " + Str(prompt_length) + " bytes: more than " + Str(CONTEXT_SIZE) + " tokens can hold")
        End If
        fail("the prompt has " + Str(prompt_tokens) + " tokens; the context holds " + Str(CONTEXT_SIZE))
    End If
    console_write(prompt_text, prompt_length)
    If prompt_tokens = 0 Then
        If END_OF_TEXT < 0 Then fail("the model has no end-of-text token to begin with: give it a prompt")
        history[0] = END_OF_TEXT
        prompt_tokens = 1
    End If
    generate(prompt_tokens)
    If wants_report Then
        Print
        arena_report()
    End If
End Sub

main()
