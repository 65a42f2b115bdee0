
' ==========================================================================================================
'  gelu, in place: max(x, 0) minus a bump that is the same for x and -x, read from a table and interpolated
' ==========================================================================================================

Const GELU_RANGE = {{ gelu_range }}                  ' beyond this the bump is 0
Const GELU_STEP_BITS = {{ gelu_step_bits }}              ' 64 table entries for each unit
Const GELU_FRACTION = {{ gelu_fraction }}              ' fraction bits of the table

Sub gelu(ByVal target As Long Ptr, ByVal r As ActivationRecord Ptr)
    Dim As Long limit = GELU_RANGE Shl r->fraction
    Dim As Long rest_bits = r->fraction - GELU_STEP_BITS
    Dim As Long mask = (1 Shl rest_bits) - 1
    Dim As Long rest_half = HALF_OF(rest_bits)
    Dim As Long down = GELU_FRACTION - r->fraction
    Dim As Long down_half = HALF_OF(down)
    For i As Long = 0 To r->length - 1
        Dim As Long x_in = target[i]
        Dim As Long magnitude = Abs(x_in)
        If x_in < 0 Then target[i] = 0
        If magnitude < limit Then
            Dim As Long Ptr entry = gelu_table + (magnitude Shr rest_bits)
            Dim As Long bump = entry[0] + (((entry[1] - entry[0]) * (magnitude And mask) + rest_half) Shr rest_bits)
            target[i] -= (bump + down_half) Shr down
        End If
    Next
End Sub
