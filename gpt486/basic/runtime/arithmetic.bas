' Division of 64-bit integers. Arguments and results as the compiler passes a LongInt: low half first, edx:eax.

' edx:eax = dividend \ divisor, ecx:ebx = dividend Mod divisor, all unsigned.
' In: edx:eax the dividend, ecx:ebx the divisor.
Sub fb_udivmod Naked Cdecl ()
	Asm
		push esi
		push edi
		push ebp
		test ecx, ecx
		jnz udivmod_long
		' The divisor has 32 bits: two divisions, the remainder of the first going into the second.
		mov esi, eax
		mov eax, edx
		xor edx, edx
		div ebx
		mov edi, eax
		mov eax, esi
		div ebx
		mov ebx, edx
		mov edx, edi
		xor ecx, ecx
		pop ebp
		pop edi
		pop esi
		ret
	udivmod_long:
		' The quotient has 32 bits: shift both until the divisor fits in 32, divide, and correct by at most one.
		push ebx
		push ecx
		push eax
		push edx
		mov esi, eax
		mov edi, edx
	udivmod_shift:
		shr ecx, 1
		rcr ebx, 1
		shr edi, 1
		rcr esi, 1
		test ecx, ecx
		jnz udivmod_shift
		mov edx, edi
		mov eax, esi
		div ebx
		mov esi, eax
		' esi is the quotient or one more. Multiply back.
		mov ecx, [esp+8]
		imul ecx, esi
		mov eax, [esp+12]
		mul esi
		add edx, ecx
		jc udivmod_much
		cmp edx, [esp]
		ja udivmod_much
		jb udivmod_fits
		cmp eax, [esp+4]
		jbe udivmod_fits
	udivmod_much:
		dec esi
		sub eax, [esp+12]
		sbb edx, [esp+8]
	udivmod_fits:
		mov ebx, [esp+4]
		mov ecx, [esp]
		sub ebx, eax
		sbb ecx, edx
		mov eax, esi
		xor edx, edx
		add esp, 16
		pop ebp
		pop edi
		pop esi
		ret
	End Asm
End Sub

Function fb_ulngdiv Naked Cdecl (ByVal a As ULongInt, ByVal b As ULongInt) As ULongInt
	Asm
		push ebx
		mov eax, [esp+8]
		mov edx, [esp+12]
		mov ebx, [esp+16]
		mov ecx, [esp+20]
		call fb_udivmod
		pop ebx
		ret
	End Asm
End Function

Function fb_ulngmod Naked Cdecl (ByVal a As ULongInt, ByVal b As ULongInt) As ULongInt
	Asm
		push ebx
		mov eax, [esp+8]
		mov edx, [esp+12]
		mov ebx, [esp+16]
		mov ecx, [esp+20]
		call fb_udivmod
		mov eax, ebx
		mov edx, ecx
		pop ebx
		ret
	End Asm
End Function

' The quotient is negative when the signs differ.
Function fb_lngdiv Naked Cdecl (ByVal a As LongInt, ByVal b As LongInt) As LongInt
	Asm
		push ebx
		mov eax, [esp+8]
		mov edx, [esp+12]
		mov ebx, [esp+16]
		mov ecx, [esp+20]
		push edx
		xor dword ptr [esp], ecx
		test edx, edx
		jns lngdiv_first
		neg eax
		adc edx, 0
		neg edx
	lngdiv_first:
		test ecx, ecx
		jns lngdiv_second
		neg ebx
		adc ecx, 0
		neg ecx
	lngdiv_second:
		call fb_udivmod
		pop ecx
		test ecx, ecx
		jns lngdiv_done
		neg eax
		adc edx, 0
		neg edx
	lngdiv_done:
		pop ebx
		ret
	End Asm
End Function

' The remainder has the dividend's sign.
Function fb_lngmod Naked Cdecl (ByVal a As LongInt, ByVal b As LongInt) As LongInt
	Asm
		push ebx
		mov eax, [esp+8]
		mov edx, [esp+12]
		mov ebx, [esp+16]
		mov ecx, [esp+20]
		push edx
		test edx, edx
		jns lngmod_first
		neg eax
		adc edx, 0
		neg edx
	lngmod_first:
		test ecx, ecx
		jns lngmod_second
		neg ebx
		adc ecx, 0
		neg ecx
	lngmod_second:
		call fb_udivmod
		mov eax, ebx
		mov edx, ecx
		pop ecx
		test ecx, ecx
		jns lngmod_done
		neg eax
		adc edx, 0
		neg edx
	lngmod_done:
		pop ebx
		ret
	End Asm
End Function
