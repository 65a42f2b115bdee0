
' ==========================================================================================================
'  relu, in place
' ==========================================================================================================

Sub relu(ByVal target As Long Ptr, ByVal r As ActivationRecord Ptr)
    For i As Long = 0 To r->length - 1
        If target[i] < 0 Then target[i] = 0
    Next
End Sub
