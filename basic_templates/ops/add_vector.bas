
' ==========================================================================================================
'  add_vector: the residual connection
' ==========================================================================================================

#ifdef NO_ASM

Sub add_vector(ByVal target As Long Ptr, ByVal source As Long Ptr, ByVal count As Long)
    For i As Long = 0 To count - 1
        target[i] += source[i]
    Next
End Sub

#else

{{ kernel("add_vector") }}

#endif
