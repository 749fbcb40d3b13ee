package syntax

// A kind is what a node of the grammar is. Kinds are our own numbers: those of
// the grammar change with every version of it.
type kind uint8

// The nodes that the converter tells apart. Tokens without text of their own
// are last, from firstToken.
const (
	kOther kind = iota // a node the grammar has and we do not know
	kError             // text that the grammar could not read
	kModule
	kBlock
	kComment
	kContinuation

	kFutureImport
	kImport
	kImportFrom
	kRelativeImport
	kImportPrefix
	kAliasedImport
	kWildcardImport
	kDottedName
	kPrint
	kExec
	kChevron
	kAssert
	kExpressionStatement
	kReturn
	kDelete
	kRaise
	kPass
	kBreak
	kContinue
	kGlobal
	kNonlocal
	kTypeAlias
	kIf
	kElif
	kElse
	kMatch
	kCaseClause
	kFor
	kWhile
	kTry
	kExcept
	kFinally
	kWith
	kWithClause
	kWithItem
	kFunction
	kClass
	kDecorated
	kDecorator

	kParameters
	kLambdaParameters
	kTypedParameter
	kDefaultParameter
	kTypedDefaultParameter
	kListSplatPattern
	kDictSplatPattern
	kKeywordSeparator
	kPositionalSeparator
	kTuplePattern
	kListPattern
	kPatternList
	kExpressionList
	kAsPattern
	kAsPatternTarget
	kArgumentList
	kKeywordArgument
	kListSplat
	kDictSplat

	kCasePattern
	kUnionPattern
	kDictPattern
	kKeywordPattern
	kSplatPattern
	kClassPattern
	kComplexPattern

	kAssignment
	kAugmented
	kNamed
	kIdentifier
	kString
	kStringStart
	kStringContent
	kStringEnd
	kInterpolation
	kFormatExpression
	kFormatSpecifier
	kTypeConversion
	kConcatenated
	kInteger
	kFloat
	kTrue
	kFalse
	kNone
	kEllipsis
	kAttribute
	kSubscript
	kSlice
	kCall
	kList
	kSet
	kTuple
	kDictionary
	kPair
	kListComp
	kDictComp
	kSetComp
	kGenerator
	kForIn
	kIfClause
	kParenthesized
	kConditional
	kLambda
	kBoolean
	kBinary
	kUnary
	kNot
	kComparison
	kAwait
	kYield
	kType
	kTypeParameter
	kGenericType
	kUnionType
	kMemberType
	kSplatType
	kConstrainedType

	firstToken
	tComma
	tColon
	tDot
	tEqual
	tArrow
	tLparen
	tRparen
	tLbrack
	tRbrack
	tAs
	tAsync
	tFrom
	tIn
	tIf
	tElse
	tOperator // any other, its text is its name
)

// named are the grammar's names of the nodes.
var named = map[string]kind{
	"module": kModule, "block": kBlock, "comment": kComment, "line_continuation": kContinuation,
	"future_import_statement": kFutureImport, "import_statement": kImport, "import_from_statement": kImportFrom,
	"relative_import": kRelativeImport, "import_prefix": kImportPrefix, "aliased_import": kAliasedImport,
	"wildcard_import": kWildcardImport, "dotted_name": kDottedName, "print_statement": kPrint,
	"exec_statement": kExec, "chevron": kChevron, "assert_statement": kAssert,
	"expression_statement": kExpressionStatement, "return_statement": kReturn, "delete_statement": kDelete,
	"raise_statement": kRaise, "pass_statement": kPass, "break_statement": kBreak, "continue_statement": kContinue,
	"global_statement": kGlobal, "nonlocal_statement": kNonlocal, "type_alias_statement": kTypeAlias,
	"if_statement": kIf, "elif_clause": kElif, "else_clause": kElse, "match_statement": kMatch,
	"case_clause": kCaseClause, "for_statement": kFor, "while_statement": kWhile, "try_statement": kTry,
	"except_clause": kExcept, "finally_clause": kFinally, "with_statement": kWith, "with_clause": kWithClause,
	"with_item": kWithItem, "function_definition": kFunction, "class_definition": kClass,
	"decorated_definition": kDecorated, "decorator": kDecorator, "parameters": kParameters,
	"lambda_parameters": kLambdaParameters, "typed_parameter": kTypedParameter,
	"default_parameter": kDefaultParameter, "typed_default_parameter": kTypedDefaultParameter,
	"list_splat_pattern": kListSplatPattern, "dictionary_splat_pattern": kDictSplatPattern,
	"keyword_separator": kKeywordSeparator, "positional_separator": kPositionalSeparator,
	"tuple_pattern": kTuplePattern, "list_pattern": kListPattern, "pattern_list": kPatternList,
	"expression_list": kExpressionList, "as_pattern": kAsPattern, "as_pattern_target": kAsPatternTarget,
	"argument_list": kArgumentList, "keyword_argument": kKeywordArgument, "list_splat": kListSplat,
	"dictionary_splat": kDictSplat, "case_pattern": kCasePattern, "union_pattern": kUnionPattern,
	"dict_pattern": kDictPattern, "keyword_pattern": kKeywordPattern, "splat_pattern": kSplatPattern,
	"class_pattern": kClassPattern, "complex_pattern": kComplexPattern, "assignment": kAssignment,
	"augmented_assignment": kAugmented, "named_expression": kNamed, "identifier": kIdentifier,
	"string": kString, "string_start": kStringStart, "string_content": kStringContent, "string_end": kStringEnd,
	"interpolation": kInterpolation, "format_expression": kFormatExpression,
	"format_specifier": kFormatSpecifier, "type_conversion": kTypeConversion,
	"concatenated_string": kConcatenated, "integer": kInteger, "float": kFloat, "true": kTrue, "false": kFalse,
	"none": kNone, "ellipsis": kEllipsis, "attribute": kAttribute, "subscript": kSubscript, "slice": kSlice,
	"call": kCall, "list": kList, "set": kSet, "tuple": kTuple, "dictionary": kDictionary, "pair": kPair,
	"list_comprehension": kListComp, "dictionary_comprehension": kDictComp, "set_comprehension": kSetComp,
	"generator_expression": kGenerator, "for_in_clause": kForIn, "if_clause": kIfClause,
	"parenthesized_expression": kParenthesized, "conditional_expression": kConditional, "lambda": kLambda,
	"boolean_operator": kBoolean, "binary_operator": kBinary, "unary_operator": kUnary, "not_operator": kNot,
	"comparison_operator": kComparison, "await": kAwait, "yield": kYield, "type": kType,
	"type_parameter": kTypeParameter, "generic_type": kGenericType, "union_type": kUnionType,
	"member_type": kMemberType, "splat_type": kSplatType, "constrained_type": kConstrainedType,
}

// tokens are the texts of the tokens that the converter looks for.
var tokens = map[string]kind{
	",": tComma, ":": tColon, ".": tDot, "=": tEqual, "->": tArrow, "(": tLparen, ")": tRparen, "[": tLbrack,
	"]": tRbrack, "as": tAs, "async": tAsync, "from": tFrom, "in": tIn, "if": tIf, "else": tElse,
}

// A raw is one node as the grammar left it, in the order of the source: its
// first child comes next, and what follows it is at after.
type raw struct {
	start, end, after uint32
	kind              kind
	missing           bool // the grammar put it there to go on
}
