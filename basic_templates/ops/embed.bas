
' ==========================================================================================================
'  embed: the residual stream begins as token embedding + position embedding
' ==========================================================================================================

#ifdef NO_ASM

Sub embed_rows(ByVal token As Short Ptr, ByVal place As Short Ptr, ByVal target As Long Ptr, ByVal count As Long)
    For i As Long = 0 To count - 1
        target[i] = (CLng(token[i]) + place[i]) Shl {{ embed_shift }}
    Next
End Sub

#else

{{ kernel("embed_rows") }}

#endif

Sub embed(ByVal token As Long, ByVal position As Long, ByVal target As Long Ptr, ByVal r As EmbedRecord Ptr)
    embed_rows(CPtr(Short Ptr, model_weights + r->tokens) + token * EMBED_WIDTH, _
               CPtr(Short Ptr, model_weights + r->positions) + position * EMBED_WIDTH, target, EMBED_WIDTH)
End Sub
