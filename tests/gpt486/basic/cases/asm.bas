' Inline assembly.
Const FIVE = 5
#define TEN 10
Enum
	FIRST = 3
	SECOND
End Enum
Type REC
	a As Long
	b As Long
	c(0 To 3) As Short
End Type
Dim Shared shared_var As Long = 40
Dim Shared list(0 To 3) As Long = {1, 2, 3, 4}
Function add_five(ByVal x As Long) As Long
	Dim y As Long = 100
	Dim arr(0 To 2) As Long = {7, 8, 9}
	Asm
		mov eax, [x]      ' the parameter
		add eax, FIVE
		add eax, TEN + &h10 ; inc eax
		add eax, [y]
		add eax, [shared_var]
		mov ecx, 2
		add eax, [list + ecx*4]
		add eax, [arr + 4]
		Rem another comment
		mov [Function], eax
	End Asm
End Function
Function naked_sum Naked Cdecl (ByVal a As Long, ByVal b As Long) As Long
	Asm
		mov eax, [esp+4]
		add eax, [esp+8]
		add eax, SECOND
		ret
	End Asm
End Function
Function field_b(ByVal p As REC Ptr) As Long
	Asm mov eax, [p]
	Asm mov eax, dword ptr [eax + offsetof(REC, b)]
	Asm mov [Function], eax
End Function
Function count_down(ByVal n As Long) As Long
	Dim steps As Long
	Asm
		push ebx
		mov ebx, [n]
		xor ecx, ecx
	again_label:
		inc ecx
		dec ebx
		jnz again_label
		mov dword ptr [steps], ecx
		pop ebx
	End Asm
	Return steps
End Function
Function bytes_of Naked Cdecl () As Long
	Asm
		.byte 0xB8, 0x78, 0x56, 0x34, 0x12
		ret
	End Asm
End Function
Function keeps(ByVal n As Long) As Long
	Dim k As Long
	For i As Long = 1 To n
		Asm
			mov esi, 1
			mov edi, 2
			mov ebx, 3
		End Asm
		k += i
	Next
	Return k
End Function
Dim r As REC
r.b = 77
Print add_five(1); naked_sum(20, 30); field_b(@r); count_down(9); Hex(bytes_of()); keeps(4)
'>  184 54 77 912345678 10
