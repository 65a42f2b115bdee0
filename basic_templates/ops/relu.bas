
' ==========================================================================================================
'  relu, in place
' ==========================================================================================================

#ifdef NO_ASM

Sub relu_vector(ByVal target As Long Ptr, ByVal count As Long)
    For i As Long = 0 To count - 1
        If target[i] < 0 Then target[i] = 0
    Next
End Sub

#else

{{ kernel("relu_vector") }}

#endif

Sub relu(ByVal target As Long Ptr, ByVal r As ActivationRecord Ptr)
    relu_vector(target, r->length)
End Sub
