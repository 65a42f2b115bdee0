' Print's spacing rules.
Print 1; 2; -3; "a"; 4
Print 1, 2, "abc", -4
Print "a"; "b", "c";
Print
Print "0123456789ABCD"; , "next"
Print "0123456789ABC"; , "next"
Print CByte(-1); CUByte(255); CShort(-2); CUShort(3); CULng(4); CLngInt(5); CULngInt(6)
Print
Print "x";
Print "y"
? "question"
Print "many" "strings"
Print 1 = 1; 1 = 2
Dim p As UByte Ptr = CPtr(UByte Ptr, 12345)
Print p
Print ,"b"
Print "a",,"b"
Print Chr(65); Str(7)
Print "text with tab"; Chr(9); "end"
Print -0; 0; 00012
Print &hFFFFFFFF; &hFF; &o17; &b101; 4294967295; 2147483648
Print True; False; CBool(3)
'>  1 2-3a 4
'>  1             2            abc           -4
'> ab            c
'> 0123456789ABCD              next
'> 0123456789ABC next
'> -1255-234 56
'> 
'> xy
'> question
'> manystrings
'> -1 0
'> 12345
'>               b
'> a                           b
'> A7
'> text with tab	end
'>  0 0 12
'> -1 255 15 542949672952147483648
'> truefalsetrue
