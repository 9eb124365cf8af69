using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Tests.Support;

/// <summary>
/// Whenever production code runs a query for the first time, the same query is translated for the other engines too; what
/// does not translate there fails here.
/// </summary>
internal sealed class QueryTranslation : IQueryExpressionInterceptor
{
    private QueryTranslation()
    {
    }

    public static QueryTranslation Instance { get; } = new();

    public Expression QueryCompilationStarting(Expression queryExpression, QueryExpressionEventData eventData)
    {
        foreach (var engine in UnconnectedEngine.All) engine.Translate(queryExpression);
        return queryExpression;
    }
}
