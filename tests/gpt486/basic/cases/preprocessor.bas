' The preprocessor.
#define ONE 1
#define TWO (ONE + ONE)
#define ADD(a, b) ((a) + (b))
#define TEXT(x) #x
#define GLUE(a, b) a##b
#define EMPTY
#macro SHOW(v)
	Print #v; v
	Print "after"
#endmacro
#macro DECL(n)
	Dim GLUE(var_, n) As Long = n
#endmacro
#ifdef ONE
Print "one defined"
#else
Print "bad"
#endif
#ifndef NOT_THERE
Print "not there"
#endif
#if defined(ONE) And Not defined(NOPE)
Print "both"
#elseif 1
Print "bad"
#else
Print "bad"
#endif
#if TWO * 3 = 6 And (5 \ 2) = 2
Print "sum"
#endif
#if 0
	this is not looked at "
	#if 1
	nor this
	#endif
#else
Print "else"
#endif
Print TWO; ADD(3, 4) * 2; TEXT(a b); GLUE(ON, E)
Dim count As Long = 5
SHOW(count)
DECL(3)
DECL(4)
Print var_3 + var_4 EMPTY
#undef ONE
#define ONE 11
Print ONE
#if __FB_VERSION__ = "1.10.0"
Print __LINE__
#endif
#define LOCAL_ 1
Sub s()
	#define INSIDE 5
	Print INSIDE; __FUNCTION__
End Sub
s
#ifdef INSIDE
Print "leaked"
#endif
#ifdef __FB_BACKEND__
Print __FB_BACKEND__
#endif
Rem a comment
Print "joined " & _ ' comment
	"line"
Print 1 : Rem ignored : Print 2
/' a comment
   /' nested '/ over lines '/ Print "after comment"
Print /' inside '/ "x"
#if __FB_MIN_VERSION__(1, 5, 0)
Print "new enough"
#endif
#assert TWO = 22
'> one defined
'> not there
'> both
'> sum
'> else
'>  2 14a b 1
'> count 5
'> after
'>  7
'>  11
'>  51
'>  5S
'> gas
'> joined line
'>  1
'> after comment
'> x
'> new enough
