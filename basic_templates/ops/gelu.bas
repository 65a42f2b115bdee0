
' ==========================================================================================================
'  gelu, in place: max(x, 0) minus a bump that is the same for x and -x, read from a table of bytes
' ==========================================================================================================

#ifdef NO_ASM

Sub gelu_vector(ByVal target As Long Ptr, ByVal count As Long, ByVal bumps As UByte Ptr)
    For i As Long = 0 To count - 1
        Dim As Long x_in = target[i]
        Dim As Long magnitude = x_in Xor (x_in Shr 31)
        If x_in < 0 Then target[i] = 0
        If magnitude < {{ gelu_entries }} Then target[i] -= bumps[magnitude]
    Next
End Sub

' The same of the target shifted down
Sub gelu_vector_down(ByVal target As Long Ptr, ByVal count As Long, ByVal bumps As UByte Ptr, ByVal shift As Long)
    For i As Long = 0 To count - 1
        target[i] = target[i] Shr shift
    Next
    gelu_vector(target, count, bumps)
End Sub

' ... or up
Sub gelu_vector_up(ByVal target As Long Ptr, ByVal count As Long, ByVal bumps As UByte Ptr, ByVal shift As Long)
    For i As Long = 0 To count - 1
        target[i] = target[i] Shl shift
    Next
    gelu_vector(target, count, bumps)
End Sub

#else

{{ kernel("gelu_vector") }}

#endif

Sub gelu(ByVal target As Long Ptr, ByVal r As ActivationRecord Ptr)
    If r->shift > 0 Then
        gelu_vector_down(target, r->length, gelu_bumps, r->shift)
    ElseIf r->shift < 0 Then
        gelu_vector_up(target, r->length, gelu_bumps, -r->shift)
    Else
        gelu_vector(target, r->length, gelu_bumps)
    End If
End Sub
