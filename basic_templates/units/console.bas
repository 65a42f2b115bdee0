
' ==========================================================================================================
'  The console
' ==========================================================================================================

' Write bytes as they are, except that a line feed becomes a new line on DOS.
Sub console_write(ByVal text As UByte Ptr, ByVal count As Long)
    If count = 0 Then Exit Sub
    Dim As String line_out = ""
    For i As Long = 0 To count - 1
#ifdef __FB_DOS__
        If text[i] = 10 Then line_out += Chr(13)
#endif
        line_out += Chr(text[i])
    Next
    Print line_out;
End Sub

' Say what is wrong and end the program with exit code 1. DOS cannot redirect the standard error stream, so the message
' goes where the text goes.
Sub fail(ByRef message As String)
    Print
    Print "GPT: "; message
    End 1
End Sub
