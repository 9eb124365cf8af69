using System.Reflection;
using Microsoft.Data.SqlClient;

namespace PciBus.Tests.Support;

/// <summary>An error of SQL Server by its number. Its client makes them from what a server says, and lets nobody else.</summary>
internal static class SqlServerFailure
{
    private const BindingFlags Hidden = BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    /// <param name="severity">From 20 on the connection is closed.</param>
    public static SqlException Of(int number, byte severity = 16)
    {
        var making = typeof(SqlError).GetConstructors(Hidden).OrderBy(one => one.GetParameters().Length).First();
        var error = making.Invoke([.. making.GetParameters().Select(parameter => Value(parameter, number, severity))]);
        var errors = Activator.CreateInstance(typeof(SqlErrorCollection), nonPublic: true)!;
        typeof(SqlErrorCollection).GetMethod("Add", Hidden)!.Invoke(errors, [error]);
        var throwing = typeof(SqlException).GetMethod("CreateException", Hidden, [typeof(SqlErrorCollection), typeof(string)])!;
        return (SqlException)throwing.Invoke(null, [errors, "16.0"])!;
    }

    private static object? Value(ParameterInfo parameter, int number, byte severity) => parameter.Name switch
    {
        "infoNumber" => number,
        "errorClass" => severity,
        _ when parameter.ParameterType == typeof(string) => "no",
        _ => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null,
    };
}
